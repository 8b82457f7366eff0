internal import Anabranch
internal import ArgumentParser
internal import Synchronization

/// A command that reads a replica, and is run again where that turns out to be damaged.
protocol RereadableCommand: AsyncParsableCommand {
  /// Whether it only reads, as it is called.
  var onlyReads: Bool { get }
}

extension RereadableCommand {
  var onlyReads: Bool { true }
}

/// Another run of a command that has met damage: it reads what can be read, and what is damaged is said.
///
/// Damage is met wherever a command happens to read. So the whole of it is run again: first as it was, but that changes which cannot be
/// read are passed over, which shows most where only the log is damaged; and if that meets damage, too, on what remains, which is made
/// anew of what is sound of each log. What was printed by then is not printed again, see ``PrintedOutput``.
final class Rereading: Sendable {
  private enum Way {
    case passingOver, remains
  }

  /// The run that is under way; nil in the first one.
  @TaskLocal private static var current: Rereading?

  private let way: Way
  /// What the first run met.
  private let met: AnabranchError
  /// What was opened, and is lacking something, as far as it is known yet.
  private let opened = Mutex<[(file: String, names: [LogID: String], lost: LostChanges)]>([])
  /// Whether it is known that something could not be read.
  private let isPartial = Mutex(false)
  /// What was said: of a file that is opened twice it is said once.
  private let said = Mutex<Set<String>>([])

  private init(_ way: Way, after met: AnabranchError) {
    (self.way, self.met) = (way, met)
  }

  /// Runs a command; again, where it only reads and meets damage. Throws what the command throws, and ``ExitStatus/skipped`` where it has
  /// shown what is not all.
  static func run(_ command: any ParsableCommand, json: Bool) async throws {
    do {
      try await perform(command)
    } catch let error as AnabranchError where error.isOfDamage {
      guard let reading = command as? any RereadableCommand, reading.onlyReads else { throw error }
      do {
        try await Rereading(.passingOver, after: error).perform(command, json: json)
      } catch let second as AnabranchError where second.isOfDamage {
        try await Rereading(.remains, after: error).perform(command, json: json)
      }
    }
  }

  private static func perform(_ command: any ParsableCommand) async throws {
    var command = command
    guard var asynchronous = command as? any AsyncParsableCommand else { return try command.run() }
    try await asynchronous.run()
  }

  private func perform(_ command: any ParsableCommand, json: Bool) async throws {
    do {
      try await Self.$current.withValue(self) {
        try await Output.again { try await Self.perform(command) }
      }
    } catch {
      // Something may not have been found, since it is what cannot be read.
      if (error as? AnabranchError)?.isOfDamage != true { noteLost(json: json) }
      throw error
    }
    noteLost(json: json)
    if isPartial.withLock({ $0 }) { throw ExitCode(ExitStatus.skipped) }
  }

  /// Says which changes were passed over.
  private func noteLost(json: Bool) {
    for (file, names, lost) in opened.withLock({ $0 }) where !lost.changes.isEmpty {
      isPartial.withLock { $0 = true }
      say(DamageNote(file, lost: lost.changes, names: names), json: json)
    }
  }

  private func say(_ note: DamageNote, json: Bool) {
    let text = note.text(json: json)
    if said.withLock({ $0.insert(text).inserted }) { Output.note(text) }
  }

  /// Opens a replica, which lies at `file`, as `usual` does; in another run so that it can be read as far as it is sound. Throws what the
  /// first run met where nothing can be read.
  static func open(
    _ file: String, json: Bool, _ usual: () async throws -> Replica,
    remains: (_ progress: @escaping @Sendable (UInt64, UInt64) -> Void) async throws(AnabranchError) -> (
      replica: Replica, damage: Damage
    )
  ) async throws -> Replica {
    switch current?.way {
    case nil: return try await usual()
    case .passingOver:
      let (replica, lost) = (try await usual(), LostChanges())
      try await replica.passOver(lost)
      let names = (try? await replica.names()) ?? [:]
      current?.opened.withLock { $0.append((file, names, lost)) }
      return replica
    case .remains:
      let progress = ProgressLine("Reading what is sound")
      defer { progress.clear() }
      do throws(AnabranchError) {
        let (replica, damage) = try await remains { progress.show($0, of: $1, "steps") }
        let names = (try? await replica.names()) ?? [:]
        progress.clear()
        current?.note(damage, names, json: json)
        return replica
      } catch {
        throw current?.explained(error) ?? error
      }
    }
  }

  /// What the first run met, with why nothing that remains can be read.
  private func explained(_ error: AnabranchError) -> AnabranchError {
    // It may be a file of another kind.
    guard met.code == .damaged else { return met }
    guard error.isOfDamage else {
      return AnabranchError(
        met.code, "\(met.message); what can be read is not shown: \(error.message)", remedy: error.remedy)
    }
    return AnabranchError(
      met.code, "\(met.message); not one change of it can be read",
      remedy: "restore a backup with `anabranch restore-backup`, or sync a new replica from another device")
  }

  private func note(_ damage: Damage, _ names: [LogID: String], json: Bool) {
    // Of two that are compared the other one may be sound.
    guard !damage.faults.isEmpty || !damage.salvage.isWhole || met.message.contains(damage.file) else { return }
    isPartial.withLock { $0 = $0 || !damage.salvage.isWhole }
    say(DamageNote(damage, met: met.message, names: names), json: json)
  }
}

extension Rereading {
  /// What `body` reads; nil where that is not there, or is gone. What is damaged may be there.
  static func ifThere<Value>(_ body: () async throws -> Value?) async throws -> Value? {
    do {
      return try await body()
    } catch let error as AnabranchError where !error.isOfDamage {
      return nil
    }
  }
}

extension AnabranchError {
  /// Whether it says that a database cannot be read for what is in it.
  fileprivate var isOfDamage: Bool { code == .damaged || code == .format }
}
