import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import SeededRandom
import Testing

@testable import AnabranchStore
@testable import AnabranchSync

/// Copies of one database that write the same log: whoever holds both branches holds the same state, and nothing is lost.
@Suite("Branches of forked logs")
struct BranchTests {
  /// Stands for a signature.
  private static func signature(of hash: Digest, by device: Digest) -> [UInt8] {
    hash.bytes + device.bytes
  }

  private static func prepare(_ store: Store, as device: Digest) {
    store.signer = LogSigner(device: device) { signature(of: $0, by: device) }
    store.isSigned = { checkpoint, header in
      guard case .device(let key, _) = header else { return false }
      let hash = Checkpoint.signedHash(of: checkpoint.change, hash: checkpoint.hash)
      return checkpoint.signature == signature(of: hash, by: key)
    }
  }

  /// A device that writes, and copies of it.
  private struct Fleet {
    let folder: TemporaryFolder
    var authors: [Author] = []
    var random: RandomStream
    /// All that anybody said.
    var said: Set<String> = []

    init(seed: UInt64) throws {
      folder = try TemporaryFolder()
      random = RandomStream(seed: seed)
    }

    mutating func add() throws {
      var author = try Author(folder.store("\(authors.count).sqlite"), seed: random.next())
      let device = author.random.digest()
      try author.store.openLog(.device(key: device, nonce: author.random.bytes16()), wall: author.wall)
      prepare(author.store, as: device)
      authors.append(author)
    }

    /// Another device gets the database, and the key, of one, and does not notice.
    mutating func copy(_ number: Int) throws {
      let original = authors[number].store
      guard let device = original.signer?.device else { return }
      let name = "\(authors.count).sqlite"
      _ = try original.sealOpenChange(wall: authors[number].wall)
      try original.checkpoint()
      try FileManager.default.copyItem(atPath: original.path, toPath: folder.file(name))
      let store = try folder.store(name)
      prepare(store, as: device)
      authors.append(Author(with: store, seed: random.next()))
    }

    mutating func write(_ number: Int) throws {
      var author = authors[number]
      author.wall += Int64(random.below(5_000))
      let known = try author.store.conversations(limit: 100).map(\.id)
      let conversation = try random.pick(known) ?? author.start("first of \(number)")
      switch random.below(9) {
      case 0: _ = try author.start("title \(random.below(100))")
      case 1: try author.title(conversation, "title \(random.below(100))")
      case 2: try author.tag(conversation, "tag \(random.below(5))")
      case 3: try author.trash(conversation)
      case 4: try author.restore(conversation)
      case 5:
        let messages = try author.store.conversation(conversation)?.messages.map(\.id) ?? []
        if let message = random.pick(messages) { _ = try author.stream(" and \(random.below(1_000))", to: message) }
      default:
        let text = "words \(number) \(random.next())"
        _ = try author.say(text, in: conversation)
        said.insert(text)
      }
      authors[number] = author
    }

    /// One takes over all that the other can give.
    mutating func pull(_ number: Int, from other: Int) throws {
      let (store, source) = (authors[number].store, authors[other].store)
      _ = try source.sealOpenChange(wall: authors[other].wall)
      while true {
        let heads = store.heads.filter { $0.head.sequence > 0 }
        let comparison = try source.compare(
          heads.map { HeldLog(log: $0.log, sequence: $0.head.sequence, hash: $0.head.hash.head) })
        var known = comparison.alike
        var isSplit = false
        while !isSplit {
          let read = try source.batch(
            ReadRequest(held: source.provable, known: known, bytesMax: random.number(in: 200...4_000)))
          guard !read.runs.isEmpty else { return }
          for run in read.runs { known.merge(VersionVector([(run.log, run.first + UInt32(run.changes.count) - 1)])) }
          let runs = read.runs.map {
            IncomingBatch.Run(log: $0.log, header: $0.header, first: $0.first, changes: $0.changes)
          }
          let signatures = read.checkpoints.reduce(into: [:]) { $0[$1.change.log] = $1.signature }
          let nonce = (random.next(), random.next())
          let receipt = try store.receive(
            IncomingBatch(runs: runs, headers: read.headers, signatures: signatures, exclusions: Exclusions()),
            wall: authors[number].wall
          ) { Bytes16(high: nonce.0, low: nonce.1) }
          isSplit = !receipt.forks.isEmpty
        }
      }
    }
  }

  @Test("Copies of copies agree on everything", arguments: UInt64(0)..<40)
  func agreement(seed: UInt64) throws {
    var fleet = try Fleet(seed: seed)
    for _ in 0..<2 { try fleet.add() }
    for _ in 0..<fleet.random.number(in: 20...60) {
      let number = fleet.random.below(fleet.authors.count)
      switch fleet.random.below(8) {
      case 0 where fleet.authors.count < 5: try fleet.copy(number)
      case 1:
        let other = fleet.random.below(fleet.authors.count)
        if other != number { try fleet.pull(number, from: other) }
      default: try fleet.write(number)
      }
    }
    let count = fleet.authors.count
    for _ in 0..<2 {
      for number in 1..<count { try fleet.pull(0, from: number) }
      for number in 1..<count { try fleet.pull(number, from: 0) }
    }
    let expected = try fleet.authors[0].store.stateHash()
    #expect(fleet.authors[0].store.heads.contains { $0.header.isBranch && $0.head.sequence > 0 })
    for author in fleet.authors {
      #expect(author.store.vector == fleet.authors[0].store.vector)
      #expect(author.store.logHash == fleet.authors[0].store.logHash)
      #expect(try author.store.stateHash() == expected)
      #expect(author.store.provable == author.store.vector)
      #expect(try author.store.verify(scratch: fleet.folder.file("scratch")).faults == [])
      #expect(author.store.branches.branches(after: author.store.ownLog ?? LogID(.init(high: 0, low: 0))).isEmpty)
      var texts: Set<String> = []
      let all = try author.store.conversations() + author.store.conversations(trashed: true)
      for conversation in all {
        for message in try author.store.conversation(conversation.id)?.messages ?? [] {
          let words = message.content?.text.split(separator: " ").prefix(3) ?? []
          texts.insert(words.joined(separator: " "))
        }
      }
      #expect(fleet.said.isSubset(of: texts), "\(fleet.said.subtracting(texts))")
      try author.store.rebuildViews()
      #expect(try author.store.stateHash() == expected)
    }
  }

  @Test("Nobody cuts a log, or adds to one, on a word that is not its author's")
  func forgers() throws {
    var fleet = try Fleet(seed: 5)
    for _ in 0..<2 { try fleet.add() }
    for _ in 0..<8 { try fleet.write(0) }
    _ = try fleet.authors[0].store.sealOpenChange(wall: someWall)
    try fleet.pull(1, from: 0)
    let (store, author) = (fleet.authors[1].store, fleet.authors[0].store)
    let log = try #require(author.ownLog)
    let header = try #require(author.header(of: log))
    let read = try author.batch(ReadRequest(held: author.provable, known: VersionVector(), bytesMax: .max))
    let changes = try #require(read.runs.first { $0.log == log }?.changes)
    let last = UInt32(changes.count)
    let signature = try #require(read.checkpoints.first { $0.change.log == log }?.signature)
    func run(_ header: LogHeader, _ first: UInt32, _ changes: [[UInt8]]) -> IncomingBatch.Run {
      IncomingBatch.Run(log: header.log, header: header, first: first, changes: changes)
    }
    let branch = LogHeader.branch(of: log, first: 3, hash: fleet.random.digest())
    let branchOfBranch = LogHeader.branch(of: branch.log, first: 1, hash: fleet.random.digest())
    let wrapping = LogHeader.branch(of: log, first: .max, hash: fleet.random.digest())
    let hostile: [(String, [IncomingBatch.Run])] = [
      (
        "a forged change, and the last one with its signature",
        [run(header, 3, [changes[1]]), run(header, last, [changes[changes.count - 1]])]
      ),
      ("a forged change up to the last one", [run(header, last, [changes[1]])]),
      ("a branch that does not begin as it says", [run(branch, 1, [changes[1]])]),
      ("a branch of a branch", [run(branchOfBranch, 1, [changes[0]])]),
      ("a branch from number 0", [run(.branch(of: log, first: 0, hash: branch.foundingHash), 1, [changes[1]])]),
      ("a branch beyond all numbers", [run(wrapping, 2, [changes[1]])]),
    ]
    let before = (store.logHash, try store.stateHash())
    for (what, runs) in hostile {
      let signatures = runs.reduce(into: [:]) { $0[$1.log] = signature }
      let batch = IncomingBatch(
        runs: runs, headers: [header] + runs.map(\.header).filter(\.isBranch), signatures: signatures,
        exclusions: Exclusions())
      let error = #expect(throws: StoreError.self, "\(what)") { try store.receive(batch, wall: someWall) }
      #expect(error?.code == .refused, "\(what): \(error?.message ?? "")")
      #expect(store.logHash == before.0, "\(what)")
      #expect(try store.stateHash() == before.1, "\(what)")
      #expect(store.branches.branches(after: log).isEmpty, "\(what)")
    }
  }
}
