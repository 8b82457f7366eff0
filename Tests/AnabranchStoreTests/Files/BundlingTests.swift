import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("Bundles of a store")
struct BundlingTests {
  private static let key = Digest(head: .init(high: 9, low: 8), tail: .init(high: 7, low: 6))

  /// The entries of a bundle, the last one included.
  private static func entries(of store: Store) throws -> [BundleEntry] {
    var entries: [BundleEntry] = []
    let count = try store.bundle(of: "tests", by: Pseudonyms(key: key)) { entries.append($0) }
    return entries + [.end(changes: count.changes, views: count.views)]
  }

  private static func history(_ entries: [BundleEntry]) throws -> BundledHistory {
    try BundledHistory(entries.reduce(HistoryBundle.header) { $0 + HistoryBundle.bytes(of: $1) })
  }

  private static func faults(_ entries: [BundleEntry], in folder: TemporaryFolder) throws -> [BundleFault] {
    Store.remove(at: folder.file("scratch"))
    let store = try Store(at: folder.file("scratch"), durability: .off)
    defer { try? store.close() }
    return try store.check(history(entries))
  }

  /// What is told of signatures is left out: those of such histories are none.
  private static func unsigned(_ entries: [BundleEntry]) -> [BundleEntry] {
    entries.map { entry in
      guard case .change(var change) = entry else { return entry }
      change.signature = nil
      return .change(change)
    }
  }

  private static func generated(_ seed: UInt64, in folder: TemporaryFolder) throws -> Store {
    let history = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    let store = try folder.store()
    try store.receive(history.changes, of: history, using: &random)
    return store
  }

  @Test(
    "A history without contents amounts to the same, and with stand-ins it shows the same", arguments: UInt64(0)..<12)
  func replay(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let store = try Self.generated(seed, in: folder)
    let entries = Self.unsigned(try Self.entries(of: store))
    let history = try Self.history(entries)
    #expect(try Self.faults(entries, in: folder) == [])
    #expect(history.changes.contains { !$0.change.shapes.isEmpty } && !history.views.isEmpty)
    for item in history.changes {
      let sealed = try SealedChange(
        bytes: item.change.bytes, context: SealedChange.Context(id: item.id, previous: .zero))
      #expect(sealed.change.operations.allSatisfy { $0.envelope.content.bytes == nil })
    }
    let (bare, filled) = (try folder.store("bare"), try folder.store("filled"))
    for store in [bare, filled] { try store.prepareReplay(of: history) }
    try bare.replay(history.changes, of: history)
    try filled.replay(history.changes, with: bare.standIns(for: history))
    #expect(try bare.stateHash() == store.stateHash() && bare.logHash == store.logHash)
    #expect(filled.logHash == store.logHash && filled.frontier == store.frontier)
    let differing = try filled.viewFaults(of: history) { _ in true }.map(\.words)
    #expect(differing == [], "\(differing)")
    // It stands for the words, and is none of them.
    let (said, stands) = (try store.conversations(limit: 100), try filled.conversations(limit: 100))
    #expect(stands.map(\.id) == said.map(\.id) && stands.map(\.messages) == said.map(\.messages))
    let titles = Set(said.compactMap(\.title))
    #expect(!titles.isEmpty && stands.allSatisfy { $0.title.map { !titles.contains($0) } ?? true })
  }

  @Test("A change that was altered, left out or exchanged breaks the chain")
  func brokenChain() throws {
    let folder = try TemporaryFolder()
    let entries = Self.unsigned(try Self.entries(of: Self.generated(3, in: folder)))
    let places = entries.indices.filter { if case .change = entries[$0] { true } else { false } }
    for place in places.dropLast(4).suffix(6) {
      guard case .change(var change) = entries[place] else { continue }
      var altered = entries
      // Somewhere in the time: it still can be read.
      change.bytes[7] ^= 1
      altered[place] = .change(change)
      let faults = try Self.faults(altered, in: folder)
      #expect(faults.first.map { $0.kind == .chain } == true, "\(faults)")
    }
    var swapped = entries
    swapped.swapAt(places[0], places[places.count - 1])
    #expect(try Self.faults(swapped, in: folder).first?.kind == .chain)
  }

  @Test("A signature that is not its author's, and a view that the log does not amount to, are told")
  func lies() throws {
    let folder = try TemporaryFolder()
    let entries = Self.unsigned(try Self.entries(of: Self.generated(4, in: folder)))
    var signed = entries
    let place = try #require(entries.lastIndex { if case .change = $0 { true } else { false } })
    if case .change(var change) = signed[place] {
      change.signature = [UInt8](repeating: 0xcc, count: 64)
      signed[place] = .change(change)
    }
    #expect(try Self.faults(signed, in: folder).map(\.kind) == [.signature])

    for part in BundledView.Part.allCases {
      var lying = entries
      let view = try #require(
        entries.lastIndex { if case .view(let view) = $0 { view.parts[part] != nil } else { false } })
      if case .view(var told) = lying[view] {
        told.parts[part] = Bytes16(high: 1, low: 1)
        lying[view] = .view(told)
      }
      let history = try Self.history(lying)
      let (bare, filled) = (try folder.store("bare-\(part)"), try folder.store("filled-\(part)"))
      for store in [bare, filled] { try store.prepareReplay(of: history) }
      try bare.replay(history.changes, of: history)
      try filled.replay(history.changes, with: bare.standIns(for: history))
      #expect(try bare.viewFaults(of: history, where: \.isOfStructure).count == (part.isOfStructure ? 1 : 0))
      let faults = try filled.viewFaults(of: history) { _ in true }
      #expect(faults.count == 1 && faults[0].words.contains("(\(part))"))
    }
    guard case .about(var origin) = entries[0] else { throw StoreError(.damaged, "no beginning") }
    origin.stateHash = .zero
    #expect(try Self.faults([.about(origin)] + entries.dropFirst(), in: folder).map(\.kind) == [.state])
  }

  @Test("A history with forked logs replays, branches and all", arguments: UInt64(0)..<6)
  func forks(seed: UInt64) throws {
    var fleet = try Fleet(seed: seed)
    for _ in 0..<2 { try fleet.add() }
    for _ in 0..<6 { try fleet.write(0) }
    try fleet.copy(0)
    for _ in 0..<12 { try fleet.write(fleet.random.below(3)) }
    for number in 1..<3 { try fleet.pull(0, from: number) }
    let store = fleet.authors[0].store
    #expect(store.heads.contains { $0.header.isBranch && $0.head.sequence > 0 })
    #expect(try Self.faults(Self.unsigned(Self.entries(of: store)), in: fleet.folder) == [])
  }

  @Test("What is open is no part of it, and purged contents have no shape")
  func openAndPurged() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store("1"))
    let conversation = try author.start("title")
    let message = try author.say("words", in: conversation)
    try author.stream(" that are open", to: message)
    let entries = try Self.entries(of: author.store)
    #expect(try Self.faults(Self.unsigned(entries), in: folder) == [])
    let before = try Self.history(entries)
    #expect(UInt64(before.changes.count) == author.store.vector.changes && author.store.hasOpenChange)
    let filled = try folder.store("filled")
    try filled.prepareReplay(of: before)
    let bare = try folder.store("bare")
    try bare.prepareReplay(of: before)
    try bare.replay(before.changes, of: before)
    try filled.replay(before.changes, with: bare.standIns(for: before, scalarsMax: 5))
    // Whoever writes a bundle may ask for more in a few bytes than there is room for.
    #expect(throws: WireError.self) { try bare.standIns(for: before, scalarsMax: 4) }
    #expect(try folder.store("short").check(before, scalarsMax: 4).map(\.kind) == [.content])
    #expect(try filled.viewFaults(of: before) { _ in true }.map(\.words) == [])
    #expect(try filled.conversation(conversation)?.messages.first?.content?.text.unicodeScalars.count == 5)
  }

  /// A log with branches that go on from each other, each listed before the one that it goes on from.
  private static func chain(of count: UInt32, endsAt last: LogID? = nil) throws -> BundledHistory {
    let root = LogHeader.device(key: key, nonce: Bytes16(high: 1, low: 2))
    let branches = (0..<count).map { LogHeader.branch(of: root.log, first: $0 + 2, hash: key) }
    let parents = [last ?? root.log] + branches.map(\.log)
    let listed = zip(branches, parents).reversed().map { BundleEntry.log($0, parent: $1) }
    let about = BundleOrigin(
      program: "tests", schema: 8, level: 1, space: nil, own: nil, isRosterBinding: false, stateHash: key, logHash: key)
    return try history([.about(about)] + listed + [.log(root, parent: nil), .end(changes: 0, views: 0)])
  }

  @Test(
    "Branches that come in any order are put together in one go, and those in a circle are none",
    .timeLimit(.minutes(1)))
  func branchesInReverse() throws {
    let folder = try TemporaryFolder()
    let history = try Self.chain(of: 2_500)
    let store = try folder.store("chain")
    try store.prepareReplay(of: history)
    #expect(store.state.branches.held(of: try #require(history.logs.last?.id)).count == 2_500)
    let circle = try Self.chain(of: 3, endsAt: history.logs[history.logs.count - 4].id)
    let error = #expect(throws: StoreError.self) { try folder.store("circle").prepareReplay(of: circle) }
    #expect(error?.code == .damaged && error?.message.contains("circle") == true)
  }
}
