public import AnabranchCore

/// What the entries of a bundle amount to.
///
/// It is checked that the file is whole and in order: that logs come before their changes, and that nothing is missing at its end. Not
/// that it is true: chains, dependencies and signatures are whose work it is to replay it.
public struct BundledHistory: Hashable, Sendable {
  /// A log, as its entry tells.
  public struct Log: Hashable, Sendable {
    /// Its name.
    public var id: LogID
    /// What it is founded on.
    public var header: LogHeader
    /// For a branch, the log from whose end it goes on.
    public var parent: LogID?
  }

  /// A change, under its name in the replica.
  public struct Item: Hashable, Sendable {
    /// Its name.
    public var id: ChangeID
    /// What the bundle has of it.
    public var change: BundledChange
  }

  /// What did not hold in a simulated run.
  public struct Failure: Hashable, Sendable {
    /// The number of the property.
    public var property: UInt32
    /// What was seen, in words.
    public var seen: String
  }

  /// Whose history it is.
  public private(set) var origin: BundleOrigin
  /// The logs, in the order of their numbers.
  public private(set) var logs: [Log] = []
  /// The changes, each after all it depends on.
  public private(set) var changes: [Item] = []
  /// What was shown of conversations.
  public private(set) var views: [BundledView] = []
  /// What a verification had found.
  public private(set) var faults: [String] = []
  /// What did not hold in a simulated run.
  public private(set) var failure: Failure?
  /// The simulated run, as its file has it.
  public private(set) var run: String?

  private var heads: [UInt32] = []
  private var isEnded = false

  /// Reads a whole bundle. Throws ``WireError`` for anything else; never traps. O(bytes).
  public init(_ bytes: [UInt8]) throws(WireError) {
    var decoder = BundleDecoder()
    decoder.append(bytes)
    guard case .about(let origin)? = try decoder.next() else {
      throw WireError(.truncated, "expected a bundle that begins with whose history it is")
    }
    self.origin = origin
    while let entry = try decoder.next() { try take(entry) }
    guard isEnded, decoder.undecodedBytes == 0 else {
      throw WireError(.truncated, "expected a bundle that is whole, got one that was cut off")
    }
  }

  private mutating func take(_ entry: BundleEntry) throws(WireError) {
    guard !isEnded else { throw WireError(.trailing, "expected nothing behind the last entry of a bundle") }
    switch entry {
    case .about: throw WireError(.invalid, "expected to be told only once whose history it is")
    case .log(let header, let parent): try add(header, after: parent)
    case .change(let change): try add(change)
    case .view(let view): views.append(view)
    case .fault(let words): faults.append(words)
    case .failure(let property, let seen): failure = Failure(property: property, seen: seen)
    case .run(let text): run = text
    case .end(let changes, let views):
      guard changes == UInt64(self.changes.count), views == UInt64(self.views.count) else {
        throw WireError(
          .invalid,
          "expected \(changes) changes and \(views) views, got \(self.changes.count) and \(self.views.count)")
      }
      isEnded = true
    }
  }

  private mutating func add(_ header: LogHeader, after parent: LogID?) throws(WireError) {
    guard logs.count < Limits.logsMax else {
      throw WireError(.limit, "expected at most \(Limits.logsMax) logs")
    }
    let id = header.log
    guard !logs.contains(where: { $0.id == id }) else { throw WireError(.invalid, "expected log \(id) only once") }
    guard parent == nil || header.isBranch else {
      throw WireError(.invalid, "expected only branches to go on from a log, got \(id)")
    }
    logs.append(Log(id: id, header: header, parent: parent))
    heads.append(0)
  }

  private mutating func add(_ change: BundledChange) throws(WireError) {
    let number = Int(change.log)
    guard logs.indices.contains(number), heads[number] < UInt32.max else {
      throw WireError(.invalid, "expected a change of one of \(logs.count) logs, got one of log \(change.log)")
    }
    heads[number] += 1
    changes.append(Item(id: ChangeID(log: logs[number].id, sequence: heads[number]), change: change))
  }
}
