/// How forked logs hang together.
///
/// What is held of a log that forked, the *root*, is a tree by its hash chain. Each longest stretch of it without a fork is a log: the
/// one that begins with the root's first change has the root's name, each other one is a *branch*, which counts its changes from 1
/// again. Who holds the same changes has the same logs, whatever came first. What an author wrote and signed says the root and the
/// number in it, so both ways of naming a change are needed; `docs/decisions/0023` has the reasons.
public struct Branches: Hashable, Sendable {
  /// A part of a forked log that is a log of its own.
  private struct Branch: Hashable, Sendable {
    let root: LogID
    /// How many changes of the root come before its first.
    let offset: UInt32
    /// The log that it goes on from; nil as long as nothing of it is held.
    var parent: LogID?
  }

  private var branches: [LogID: Branch] = [:]
  /// What goes on from each log, in ascending order.
  private var following: [LogID: [LogID]] = [:]

  /// No log has forked, and nobody has told of any.
  public init() {}

  /// Of one log at most so many branches are held.
  public static let branchesMax = 16

  /// Whether there is none, as nearly always.
  public var isEmpty: Bool {
    branches.isEmpty
  }

  /// Takes note of the name of a branch, whose first change is number `first` of `root`.
  public mutating func add(_ log: LogID, of root: LogID, first: UInt32) {
    guard branches[log] == nil, log != root, branches[root] == nil, first > 0 else { return }
    branches[log] = Branch(root: root, offset: first - 1)
  }

  /// Takes note that a branch goes on from the end of `parent`, also where it went on from another log before. A log of another root, or
  /// one that does not begin before it, is none that it can go on from: then false is returned, and nothing changes.
  public mutating func attach(_ log: LogID, to parent: LogID) -> Bool {
    guard let branch = branches[log],
      parent == branch.root || branches[parent].map({ $0.root == branch.root && $0.offset < branch.offset }) ?? false
    else { return false }
    if let former = branch.parent { following[former]?.removeAll { $0 == log } }
    branches[log]?.parent = parent
    following[parent, default: []].append(log)
    following[parent]?.sort()
    return true
  }

  /// The log that a branch is a part of; any other log itself.
  public func root(of log: LogID) -> LogID {
    branches[log]?.root ?? log
  }

  /// How many changes of its root come before the first of `log`.
  public func offset(of log: LogID) -> UInt32 {
    branches[log]?.offset ?? 0
  }

  /// What a branch goes on from; nil for a log that is none, or of which nothing is held.
  public func parent(of log: LogID) -> LogID? {
    branches[log]?.parent
  }

  /// What goes on from `log`, in ascending order; two or more where it is forked there.
  public func branches(after log: LogID) -> [LogID] {
    following[log] ?? []
  }

  /// What is held of branches of `root`, in ascending order. O(those).
  public func held(of root: LogID) -> [LogID] {
    var held: [LogID] = []
    var waiting = branches(after: root)
    while let log = waiting.popLast() {
      held.append(log)
      waiting += branches(after: log)
    }
    return held.sorted()
  }

  /// Whether `count` more branches of the root of `log` can be held.
  public func hasRoom(for count: Int, of log: LogID) -> Bool {
    held(of: root(of: log)).count + count <= Self.branchesMax
  }

  /// A change as its author named it: by the root, and the number there; the last number there is, where it would be beyond that.
  public func original(_ change: ChangeID) -> ChangeID {
    guard let branch = branches[change.log] else { return change }
    let (number, overflow) = change.sequence.addingReportingOverflow(branch.offset)
    return ChangeID(log: branch.root, sequence: overflow ? .max : number)
  }

  /// The change with that number in the root of `log`, on the way from there up to the end of `log`; nil before its first change.
  public func change(_ number: UInt32, onTheWayTo log: LogID) -> ChangeID? {
    var log = log
    while true {
      let offset = offset(of: log)
      if number > offset { return ChangeID(log: log, sequence: number - offset) }
      guard let parent = branches[log]?.parent else { return nil }
      log = parent
    }
  }

  /// The logs on the way to the first change of `log`, the nearest first.
  public func way(to log: LogID) -> [LogID] {
    var way: [LogID] = []
    while let parent = branches[way.last ?? log]?.parent { way.append(parent) }
    return way
  }

  /// The log of that name and all that is held of branches of it, the log first.
  public func family(of log: LogID) -> [LogID] {
    let root = root(of: log)
    return [root] + held(of: root)
  }

  /// Whether names of changes in `log` may mean something else than they say.
  public func concerns(_ log: LogID) -> Bool {
    branches[log] != nil || following[log] != nil
  }

  /// The held changes that `change` may mean, whatever name its log had when somebody named it: one of each branch that has a change
  /// of that number; none where there is no such number. `last` is how far a log is held. Rethrows its error. O(branches).
  public func candidates<Failure: Error>(
    for change: ChangeID, last: (LogID) throws(Failure) -> UInt32
  ) throws(Failure) -> [ChangeID] {
    let (number, overflow) = change.sequence.addingReportingOverflow(offset(of: change.log))
    guard !overflow else { return [] }
    var candidates: [ChangeID] = []
    for log in family(of: change.log) {
      let offset = offset(of: log)
      guard number > offset, try number - offset <= last(log) else { continue }
      candidates.append(ChangeID(log: log, sequence: number - offset))
    }
    return candidates
  }

  /// The held change that a dependency means; nil where none has its hash. `hash` is that of a held change. Rethrows the closures'
  /// errors. O(branches).
  public func place<Failure: Error>(
    _ dependency: Dependency, last: (LogID) throws(Failure) -> UInt32,
    hash: (ChangeID) throws(Failure) -> Digest?
  ) throws(Failure) -> ChangeID? {
    for candidate in try candidates(for: dependency.change, last: last)
    where try hash(candidate)?.head == dependency.hash { return candidate }
    return nil
  }

  /// Whether a change says something else than it means, by the names of here: it is `name`, and has these dependencies.
  public func needsRenaming(_ name: ChangeID, _ dependencies: [Dependency]) -> Bool {
    !isEmpty && (concerns(name.log) || dependencies.contains { concerns($0.change.log) })
  }
}
