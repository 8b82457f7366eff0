import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import SeededRandom

@testable import AnabranchStore
@testable import AnabranchSync

/// A device that writes, and copies of it.
struct Fleet {
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
    Self.prepare(author.store, as: device)
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
    Self.prepare(store, as: device)
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

  /// Stands for a signature.
  private static func signature(of hash: Digest, by device: Digest) -> [UInt8] {
    hash.bytes + device.bytes
  }

  /// Has a store sign, and believe, as `device`.
  private static func prepare(_ store: Store, as device: Digest) {
    store.signer = LogSigner(device: device) { signature(of: $0, by: device) }
    store.isSigned = { checkpoint, header in
      guard case .device(let key, _) = header else { return false }
      let hash = Checkpoint.signedHash(of: checkpoint.change, hash: checkpoint.hash)
      return checkpoint.signature == signature(of: hash, by: key)
    }
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
        let nonce = (random.next(), random.next())
        let receipt = try store.receive(IncomingBatch(signed: read), wall: authors[number].wall) {
          Bytes16(high: nonce.0, low: nonce.1)
        }
        isSplit = !receipt.forks.isEmpty
      }
    }
  }
}

extension IncomingBatch {
  /// What a peer sent, with its authors' words for it.
  init(signed read: ReadBatch) {
    self.init(
      runs: read.runs.map { Run(log: $0.log, header: $0.header, first: $0.first, changes: $0.changes) },
      headers: read.headers.byName, signatures: read.checkpoints.reduce(into: [:]) { $0[$1.change.log] = $1.signature },
      exclusions: Exclusions())
  }
}
