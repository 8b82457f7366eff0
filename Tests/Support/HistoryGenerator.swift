import AnabranchCore
import AnabranchWire
internal import SeededRandom

/// Writes random histories: several replicas that chat, branch, rename, tag, delete and import, offline from each
/// other and now and then syncing a part, with clocks of their own.
///
/// Every change is sealed with the dependencies and the chain it would have in earnest. The same seed and the same
/// options give the same history, byte for byte.
public struct HistoryGenerator {
  /// What kind of history.
  public struct Options: Sendable {
    /// How many replicas write.
    public var replicas = 3
    /// How many turns are taken, by a random replica each.
    public var steps = 40
    /// A turn is a partial sync in so many out of 10 cases.
    public var syncsInTen = 3
    /// Whether operations that this version cannot understand, or that lack their target, are among them.
    public var includesUnknown = true
    /// Whether imports are among them.
    public var includesImports = true
    /// Whether everybody does things to a few messages, takes them back, and takes that back.
    public var isAboutUndo = false

    /// The default: three replicas, forty turns.
    public init() {}

    /// So many replicas and turns.
    public init(replicas: Int, steps: Int) {
      self.replicas = replicas
      self.steps = steps
    }
  }

  /// A device: what it has seen, and the log it writes.
  struct Replica {
    var model = ReplicaModel()
    var header: LogHeader
    var log: LogID
    var head: LogHead
    var clock = HybridClock()
    /// How far its wall clock is off, in milliseconds.
    var skew: Int64

    init(header: LogHeader, skew: Int64) {
      self.header = header
      self.skew = skew
      log = header.log
      head = LogHead(sequence: 0, hash: header.foundingHash)
    }

    mutating func open(_ header: LogHeader) {
      self.header = header
      log = header.log
      head = LogHead(sequence: 0, hash: header.foundingHash)
    }
  }

  var random: RandomStream
  let options: Options
  var wall: Int64 = 1_700_000_000_000
  var replicas: [Replica] = []
  var history = GeneratedHistory()

  private init(seed: UInt64, options: Options) {
    random = RandomStream(seed: seed)
    self.options = options
    for _ in 0..<options.replicas {
      let skew = Int64(random.one(of: 0, 0, 0, 90_000, -3_600_000, 2_000_000_000_000, -1_700_000_000_000))
      let header = LogHeader.device(key: random.digest(), nonce: random.bytes16())
      replicas.append(Replica(header: header, skew: skew))
      history.headers[header.log] = header
    }
  }

  /// The history of that seed.
  public static func history(seed: UInt64, options: Options = Options()) -> GeneratedHistory {
    var generator = HistoryGenerator(seed: seed, options: options)
    for _ in 0..<options.steps { generator.step() }
    generator.history.replicas = generator.replicas.map(\.model.received)
    return generator.history
  }

  private mutating func step() {
    wall += Int64(random.number(in: 0...20_000))
    let index = random.number(in: 0...replicas.count - 1)
    if replicas.count > 1, random.chance(options.syncsInTen, in: 10) {
      let other = random.number(in: 0...replicas.count - 1)
      if other != index { pull(from: other, into: index) }
      return
    }
    if random.chance(1, in: 30) { openAnotherLog(by: index) }
    write(by: index)
  }

  private mutating func openAnotherLog(by index: Int) {
    guard case .device(let key, _) = replicas[index].header else { return }
    let header = LogHeader.device(key: key, nonce: random.bytes16())
    replicas[index].open(header)
    history.headers[header.log] = header
  }

  /// Takes over a random beginning of what the other has, in causal order.
  private mutating func pull(from other: Int, into index: Int) {
    let source = replicas[other].model
    let changes = Dictionary(
      source.received.map { ($0.change.id, $0) }, uniquingKeysWith: { first, _ in first })
    var order = CausalOrder(held: source.held, known: replicas[index].model.held)
    let isPartial = random.chance(1, in: 2)
    while let id = order.next(dependencies: { changes[$0]?.change.dependencies.map(\.change) ?? [] }) {
      guard let change = changes[id], !isPartial || random.chance(9, in: 10) else { return }
      replicas[index].clock.observe(change.change.time, wall: wall &+ replicas[index].skew)
      replicas[index].model.take(change)
    }
  }

  private mutating func write(by index: Int) {
    guard let context = SealedChange.Context(after: replicas[index].head, in: replicas[index].log) else {
      return
    }
    let wall = wall &+ replicas[index].skew
    let time = replicas[index].clock.tick(wall: wall)
    var open = OpenChange(
      id: context.id, time: time, wall: max(0, wall),
      action: context.id.sequence - UInt32(random.number(in: 0...Int(min(3, context.id.sequence - 1)))))
    for _ in 0..<random.number(in: 1...3) {
      act(in: &open, model: replicas[index].model, wall: max(0, wall))
    }
    guard !open.drafts.isEmpty else { return }
    let dependencies = dependencies(of: open, by: replicas[index])
    let sealed = SealedChange(sealing: open, context: context, dependencies: dependencies)
    replicas[index].head = LogHead(sequence: context.id.sequence, hash: sealed.hash)
    replicas[index].model.take(sealed)
    history.changes.append(sealed)
  }

  private func dependencies(of open: OpenChange, by replica: Replica) -> [Dependency] {
    let held = replica.model.held
    var logs = Set(replica.model.frontier.heads.map(\.log))
    for draft in open.drafts {
      draft.forEachReference { logs.insert($0.log) }
      switch draft.mutation {
      case .trash, .withdraw: logs.formUnion(held.entries.map(\.log))
      default: break
      }
    }
    return logs.subtracting([replica.log]).sorted().compactMap { log in
      let head = ChangeID(log: log, sequence: held[log])
      return replica.model.hashes[head].map { Dependency(change: head, hash: $0.head) }
    }
  }
}
