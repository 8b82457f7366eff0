public import Anabranch
internal import AnabranchCore
internal import AnabranchOracle
internal import AnabranchStore
public import AnabranchWire
internal import SeededRandom

/// Replays a bundle: a history without contents, which somebody handed in because something was wrong with it.
///
/// First it is checked as it came. Then it is put into databases of its own in several causal orders and batches, once bare and once with
/// what stands in for its contents, and each is compared with one that is built anew, with the oracle, with the others, and with what
/// its replica showed. The same bundle and seed give the same verdict.
public struct BundleReplay {
  /// What came of it.
  public struct Outcome: Sendable {
    /// What did not hold, the first of each step.
    public var violations: [Violation] = []
    /// How many changes there are, how many of their contents have a stand-in, and how many conversations were compared.
    public var (changes, contents, conversations) = (0, 0, 0)
    /// Whether it is too long for the oracle, which was not asked.
    public var isBeyondOracle = false
    /// Whether other rules made it what its replica showed, which was not compared then.
    public var isOfOtherLevel = false
    /// What did not hold in the simulated run that it is from, by the number of the property.
    public var failedProperty: Int?
    /// The simulated run that it is from.
    public var run: Case?
    /// The history as a picture, with one lane a log, where that was asked for.
    public var picture: CausalDiagram?
  }

  /// Why a bundle cannot be replayed.
  public struct Unreadable: Error, CustomStringConvertible {
    /// In words.
    public var description: String
  }

  /// Changes of which the oracle makes sense within a minute: it is as slow as it looks.
  public static let oracleChangesMax = 3_000

  private let history: BundledHistory
  private let run: Case?
  private let orders: Int
  private let scalarsMax: Int
  private var random: RandomStream

  /// The replay of the bundle whose bytes these are, in so many orders more than its own, drawn from a seed. What stands in for its texts
  /// has at most `scalarsMax` scalars in all. Throws ``Unreadable``.
  public init(
    of bytes: [UInt8], seed: UInt64 = 1, orders: Int = 2, scalarsMax: Int = StandIns.scalarsMax
  ) throws(Unreadable) {
    do throws(WireError) {
      history = try BundledHistory(bytes)
    } catch {
      throw Unreadable(description: "\(error.message), at byte \(error.offset) of an entry")
    }
    do throws(Case.Unreadable) {
      run = try history.run.map { (text) throws(Case.Unreadable) in try Case(parsing: text) }
    } catch {
      throw Unreadable(description: "its simulated run is none: \(error.description)")
    }
    (self.orders, self.scalarsMax) = (orders, scalarsMax)
    random = RandomStream(seed: seed, "bundle")
  }

  /// Whether a file is a bundle, by what it begins with.
  public static func isBundle(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: HistoryBundle.header.dropLast())
  }

  /// Replays it.
  public func replay(isDrawn: Bool = false) -> Outcome {
    var sketch = isDrawn ? Sketch() : nil
    var outcome = replay(drawing: &sketch)
    sketch?.end(outcome.violations.map(\.description))
    outcome.picture = sketch?.picture
    return outcome
  }

  private func replay(drawing sketch: inout Sketch?) -> Outcome {
    var outcome = Outcome(
      changes: history.changes.count, contents: history.changes.reduce(0) { $0 + $1.change.shapes.count },
      conversations: history.views.count, isBeyondOracle: history.changes.count > Self.oracleChangesMax,
      isOfOtherLevel: history.origin.level != SemanticsLevel.current,
      failedProperty: history.failure.map { Int($0.property) }, run: run)
    do {
      let disk = Disk(Simulation.scratchDisk, seed: 1)
      let first = try scratch(on: disk)
      let faults = try first.check(history, scalarsMax: scalarsMax)
      guard !faults.contains(where: { $0.kind == .chain || $0.kind == .content }) else {
        outcome.violations = faults.prefix(1).map(Violation.init)
        return outcome
      }
      let standIns = try first.standIns(for: history, scalarsMax: scalarsMax)
      let changes = try history.changes.compactMap { try first.changeRecord($0.id)?.change }
      try sketch?.draw(changes, heldBy: first)
      var random = random
      let parents = Dictionary(history.logs.compactMap { log in log.parent.map { (log.id, $0) } }) { first, _ in first }
      let shuffle = CausalShuffle(history.changes, changes, parents: parents)
      let orders = [history.changes] + (0..<orders).map { _ in shuffle.order(&random) }
      for filling in [nil, standIns] {
        outcome.violations += try check(orders, filling, on: disk, isBeyondOracle: outcome.isBeyondOracle, &random)
      }
      // What a replica had kept is looked at last: where the rules are wrong, it says only that it had followed them.
      outcome.violations += faults.prefix(1).map(Violation.init)
    } catch let error as Violation {
      outcome.violations.append(error)
    } catch {
      outcome.violations.append(Violation(.nothingWraps, "an error that nobody expects: \(error)"))
    }
    return outcome
  }

  /// An empty database, in place of the one before.
  private func scratch(_ name: String = "first", on disk: Disk) throws -> Store {
    try Store(at: disk.path(name), durability: .off)
  }

  /// The history in all orders, bare or with what stands in for its contents; tells what does not hold.
  private func check(
    _ orders: [[BundledHistory.Item]], _ filling: StandIns?, on disk: Disk, isBeyondOracle: Bool,
    _ random: inout RandomStream
  ) throws -> [Violation] {
    let kind = filling == nil ? "bare" : "filled"
    let stores = try orders.indices.map { number in
      let store = try scratch("\(kind)-\(number)", on: disk)
      try store.prepareReplay(of: history)
      var rest = orders[number][...]
      while !rest.isEmpty {
        // In one order as many at a time as there are, in the others as it comes.
        let batch = Array(rest.prefix(number == 0 ? 256 : random.number(in: 1...12)))
        rest = rest.dropFirst(batch.count)
        if let filling { try store.replay(batch, with: filling) } else { try store.replay(batch, of: history) }
      }
      return store
    }
    let anew = try scratch("\(kind)-anew", on: disk)
    try anew.prepareReplay(of: history)
    for item in orders[0] {
      if let filling { try anew.replay([item], with: filling) } else { try anew.replay([item], of: history) }
    }
    try anew.rebuildViews()
    defer { for store in stores + [anew] { try? store.close() } }

    var found: [Violation] = []
    func step(_ body: () throws -> Void) throws {
      do { try body() } catch let violation as Violation { found.append(violation) }
    }
    for (number, store) in stores.enumerated() {
      try step {
        guard try store.stateHash() == stores[0].stateHash() else {
          throw Violation(.sameChangesSameState, "\(kind): in order \(number) the same changes amount to another state")
        }
      }
      try step {
        if let fault = try store.viewFaults(comparedWith: anew).first {
          throw Violation(.incrementalIsRebuilt, "\(kind), in order \(number): \(fault)")
        }
      }
      if number == 0, !isBeyondOracle { try step { try compareWithOracle(store, hasContents: filling != nil) } }
    }
    guard filling != nil, history.origin.level == SemanticsLevel.current else { return found }
    try step {
      let faults = try stores[0].viewFaults(of: history) { _ in true }
      if let fault = faults.first { throw Violation(fault) }
    }
    return found
  }

  private func compareWithOracle(_ store: Store, hasContents: Bool) throws {
    var changes = try history.changes.compactMap { try store.changeRecord($0.id)?.change }
    let devices = Dictionary(uniqueKeysWithValues: store.heads.map { ($0.log, store.device(of: $0.log)) })
      .compactMapValues { $0 }
    if hasContents {
      let naive = NaiveHistory(changes, by: store.counting, devices: devices)
      let taken = Set(naive.operations.filter { naive.isTaken($0) || naive.isPastTaken($0) }.map(\.id))
      var scalars = scalarsMax
      changes = changes.map { $0.withContents(of: taken, atMost: &scalars) }
      guard scalars >= 0 else { return }
    }
    let comparison = OracleComparison(
      NaiveHistory(changes, by: store.counting, devices: devices), comparesTexts: hasContents)
    try comparison.checkState(of: store)
    try comparison.checkConversations(of: store)
  }
}

extension Change {
  /// The change with what was said in operations that purges took, as it stands in for that: what became of it the oracle tells. What
  /// is absent for a purge that does not count stays so. `scalars` says how many may be made, and is negative from where they do not do.
  fileprivate func withContents(of purged: Set<OperationID>, atMost scalars: inout Int) -> Change {
    var change = self
    for index in operations.indices {
      let operation = operations[index]
      guard purged.contains(OperationID(log: id.log, sequence: id.sequence, index: operation.index)),
        case .absent(let hash) = operation.envelope.content, let count = operation.mutation.scalarCount,
        let length = UInt32(exactly: count), length <= ContentShape.scalarsMax
      else { continue }
      scalars = max(scalars - count, -1)
      guard scalars >= 0 else { break }
      let isMessage = operation.envelope.kind == .createMessage || operation.envelope.kind == .importMessage
      let shape: ContentShape = isMessage ? .message(.init(scalars: length)) : .text(scalars: length)
      change.operations[index].envelope.content = .present(salt: hash.head, bytes: shape.standIn(for: hash)[...])
    }
    return change
  }
}

extension Violation {
  /// What a check of a bundle found.
  fileprivate init(_ fault: BundleFault) {
    let property: Property =
      switch fault.kind {
      case .chain: .chainIsWhole
      case .signature: .signedHeadCoversThePrefix
      case .content: .everythingFromAVerifiedLog
      case .state, .view: .incrementalIsRebuilt
      }
    self.init(property, "as its replica kept it: \(fault.words)")
  }
}
