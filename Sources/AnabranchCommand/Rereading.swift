internal import Anabranch
internal import ArgumentParser
internal import Synchronization

/// A command that reads a replica, and is run again where that turns out to be damaged.
protocol RereadableCommand: AsyncParsableCommand {
  /// Whether it only reads, as it is called.
  var onlyReads: Bool { get }
  /// Whether it is tried first without changes that cannot be read.
  var passesOver: Bool { get }
}

extension RereadableCommand {
  var onlyReads: Bool { true }
  var passesOver: Bool { true }
}

/// Runs of a command that has met damage: each reads what can be read, and what is damaged is said.
///
/// Damage is met wherever a command happens to read. So the whole of it is run again, and the file that was damaged, or each of them, is
/// read otherwise than before: first as it is, but that changes which cannot be read are passed over where contents are shown, which
/// shows most where only the log is damaged; and if that meets damage, too, as what remains, which is made anew of what is sound of each
/// log. One that cannot be opened is read so at once. What was printed by then is not printed again, see ``PrintedOutput``.
final class Rereading: Sendable {
  /// How a damaged file is read.
  private enum Way {
    case passingOver, remains
  }

  /// A file that was opened in the run that is under way.
  private struct Opened {
    let file: String
    /// Nil where it could not be opened, for the reason `failure`.
    var replica: Replica?
    var failure: AnabranchError?
    /// What is passed over, and what people call the devices that wrote it.
    var unreadable = UnreadableChanges()
    var names: LogNames = [:]

    /// Why it cannot be read for what is in it; nil where it can, as far as it was.
    var fault: AnabranchError? {
      get async {
        guard let replica else { return failure?.isOfDamage == true ? failure : nil }
        return await replica.fault
      }
    }
  }

  private struct State {
    /// How each file is read that was met to be damaged, and what was met first.
    var damaged: [String: (way: Way, met: AnabranchError)] = [:]
    var opened: [Opened] = []
    /// Whether it is known that something could not be read.
    var isPartial = false
    /// What was said: of a file that is opened twice it is said once.
    var said: Set<String> = []
  }

  /// The runs of the command that is under way; nil for one that is never run again.
  @TaskLocal private static var current: Rereading?

  /// Whether the command that is under way has met a damaged file.
  static var hasMetDamage: Bool {
    current.map { $0.state.withLock { !$0.damaged.isEmpty } } ?? false
  }

  private let json: Bool
  private let state = Mutex(State())

  private init(json: Bool) {
    self.json = json
  }

  /// Runs a command; again, where it only reads and meets damage. Throws what the command throws, and ``ExitStatus/skipped`` where it has
  /// shown what is not all.
  static func run(_ command: any ParsableCommand, json: Bool) async throws {
    guard let reading = command as? any RereadableCommand, reading.onlyReads else { return try await perform(command) }
    let rereading = Rereading(json: json)
    try await $current.withValue(rereading) { try await rereading.run(reading) }
  }

  private static func perform(_ command: any ParsableCommand) async throws {
    var command = command
    guard var asynchronous = command as? any AsyncParsableCommand else { return try command.run() }
    try await asynchronous.run()
  }

  private func run(_ command: any RereadableCommand) async throws {
    while true {
      state.withLock { $0.opened = [] }
      do {
        try await Output.again { try await Self.perform(command) }
        break
      } catch let error as AnabranchError where error.isOfDamage {
        guard await goesOn(passingOver: command.passesOver) else { throw error }
      } catch {
        // Something may not have been found, since it is what cannot be read.
        noteLost()
        throw error
      }
    }
    noteLost()
    if state.withLock({ $0.isPartial }) { throw ExitCode(ExitStatus.skipped) }
  }

  /// Has the files that the last run found to be damaged read otherwise in the next one. False where there is none, or no other way to
  /// read one.
  private func goesOn(passingOver: Bool) async -> Bool {
    let (opened, known) = state.withLock { ($0.opened, $0.damaged) }
    var damaged = known
    for opening in opened {
      guard let fault = await opening.fault else { continue }
      let before = known[opening.file]
      guard before?.way != .remains else { return false }
      let way: Way = before == nil && opening.replica != nil && passingOver ? .passingOver : .remains
      damaged[opening.file] = (way, before?.met ?? fault)
      try? await opening.replica?.close()
    }
    state.withLock { $0.damaged = damaged }
    return damaged.contains { known[$0.key]?.way != $0.value.way }
  }

  /// Says which changes were passed over.
  private func noteLost() {
    for opening in state.withLock({ $0.opened }) where !opening.unreadable.changes.isEmpty {
      say(DamageNote(opening.file, without: opening.unreadable.changes, names: opening.names))
    }
  }

  private func say(_ note: DamageNote) {
    let text = note.text(json: json)
    let isNew = state.withLock { state in
      state.isPartial = state.isPartial || !note.isWhole
      return state.said.insert(text).inserted
    }
    if isNew { Output.note(text) }
  }
}

extension Rereading {
  /// Opens a replica, which lies at `file`, as `usual` does; where an earlier run found it to be damaged, so that it can be read as far as
  /// it is sound. Throws what was met first where nothing can be read.
  static func open(
    _ file: String, _ usual: () async throws(AnabranchError) -> Replica,
    remains: (_ progress: @escaping @Sendable (UInt64, UInt64) -> Void) async throws(AnabranchError) -> (
      replica: Replica, damage: Damage
    )
  ) async throws(AnabranchError) -> Replica {
    guard let current else { return try await usual() }
    var opened = Opened(file: file)
    defer { current.state.withLock { $0.opened.append(opened) } }
    do {
      let replica: Replica
      switch current.state.withLock({ $0.damaged[file] }) {
      case (.remains, let met)?: replica = try await current.openRemains(met, remains)
      case (.passingOver, _)?:
        replica = try await usual()
        try await replica.passOver(opened.unreadable)
        opened.names = (try? await replica.logNames()) ?? [:]
      case nil: replica = try await usual()
      }
      opened.replica = replica
      return replica
    } catch {
      opened.failure = error
      throw error
    }
  }

  /// Opens what remains of one of which `met` was met first, and says what is damaged.
  private func openRemains(
    _ met: AnabranchError,
    _ remains: (_ progress: @escaping @Sendable (UInt64, UInt64) -> Void) async throws(AnabranchError) -> (
      replica: Replica, damage: Damage
    )
  ) async throws(AnabranchError) -> Replica {
    let progress = ProgressLine("Reading what is sound")
    defer { progress.clear() }
    do {
      let (replica, damage) = try await remains { progress.show($0, of: $1, "steps") }
      let names = (try? await replica.logNames()) ?? [:]
      progress.clear()
      say(DamageNote(damage, met: met.message, names: names))
      return replica
    } catch {
      throw met.explained(by: error)
    }
  }

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
  var isOfDamage: Bool { code == .damaged || code == .format }

  /// This, which was met first, and why nothing that remains can be read.
  fileprivate func explained(by error: AnabranchError) -> AnabranchError {
    // It may be a file of another kind.
    guard code == .damaged else { return self }
    guard error.isOfDamage else {
      return AnabranchError(
        code, "\(message); what can be read is not shown: \(error.message)", remedy: error.remedy)
    }
    return AnabranchError(
      code, "\(message); not one change of it can be read",
      remedy: "restore a backup with `anabranch restore-backup`, or sync a new replica from another device")
  }
}
