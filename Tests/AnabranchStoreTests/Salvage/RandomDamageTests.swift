import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import SeededRandom
import Testing

@testable import AnabranchStore

/// Whatever a disk does to the file: what is salvaged is part of what was there, sound in itself, and becomes all of it with
/// what another replica has.
@Suite("Salvage after random damage")
struct RandomDamageTests {
  /// A history on two devices, the second one's in `2`; the bytes of the first one's file.
  private func history(_ folder: TemporaryFolder, seed: UInt64) throws -> (
    bytes: Data, vector: VersionVector, hash: Digest
  ) {
    let history = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    var author = try Author(folder.store(), seed: seed &+ 1)
    try author.store.receive(history.changes, of: history, using: &random)
    for turn in 0..<4 {
      try author.say("own \(turn)", in: author.start("mine \(turn)"))
    }
    let second = try folder.store("2")
    try second.pull(from: author.store)
    #expect(try second.stateHash() == author.store.stateHash())
    let (vector, hash) = (author.store.vector, try author.store.stateHash())
    _ = try author.store.indexStep()
    try author.store.close()
    return (try folder.bytes(of: "history.sqlite"), vector, hash)
  }

  private static func damage(_ bytes: inout Data, _ random: inout RandomStream) {
    let pages = bytes.count / 4_096
    // Also the first page, which has the list of tables.
    let page = random.number(in: 0...pages - 1) * 4_096
    switch random.below(5) {
    case 0: bytes.replaceSubrange(page..<page + 4_096, with: Data(count: 4_096))
    case 1: bytes.replaceSubrange(page..<page + 4_096, with: random.bytes(4_096))
    case 2: bytes.removeSubrange(page...)
    case 3:
      let from = random.number(in: 1...pages - 1) * 4_096
      bytes.replaceSubrange(page..<page + 4_096, with: bytes[from..<from + 4_096])
    default:
      for _ in 0..<random.number(in: 1...20) {
        bytes[random.number(in: 100...bytes.count - 1)] ^= UInt8(random.number(in: 1...255))
      }
    }
  }

  @Test("Part of what was there, and with another replica's all of it", arguments: UInt64(0)..<4)
  func anyDamage(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let (whole, vector, hash) = try history(folder, seed: seed)
    let peer = try folder.store("2", access: .read)
    var random = RandomStream(seed: seed &+ 77)
    var (salvaged, complete) = (0, 0)
    for _ in 0..<25 {
      var bytes = whole
      Self.damage(&bytes, &random)
      Store.remove(at: folder.file("damaged"))
      try bytes.write(to: URL(filePath: folder.file("damaged")))
      let result: Salvage
      do {
        result = try Store.salvage(
          folder.file("damaged"), into: folder.file("new"),
          isSigned: { checkpoint, _ in checkpoint.signature == noSignature })
      } catch {
        #expect([.damaged, .format].contains(error.code), "\(error)")
        #expect(try folder.names.contains { $0.hasPrefix("new") } == false)
        continue
      }
      salvaged += 1
      let store = try folder.store("new")
      let remains = try Store.remains(
        of: folder.file("damaged"), scratch: folder.file("remains"),
        isSigned: { checkpoint, _ in checkpoint.signature == noSignature })
      #expect(vector.includes(remains.store.vector) && remains.store.vector.includes(store.vector))
      if remains.store.vector == vector, remains.salvage.isWhole { #expect(try remains.store.stateHash() == hash) }
      #expect(try remains.store.verify(scratch: folder.file("scratch")).messages == [])
      try remains.store.close()
      #expect(vector.includes(store.vector) && result.changes == store.vector.changes)
      for (log, _, head) in store.heads where head.sequence > 0 {
        #expect(try peer.hash(of: ChangeID(log: log, sequence: head.sequence)) == head.hash)
      }
      let messages = try store.verify(scratch: folder.file("scratch")).messages
      #expect(messages == [], "\(messages)")
      if store.vector == vector { complete += 1 }
      try store.pull(from: peer)
      #expect(try store.vector == vector && store.stateHash() == hash)
      try store.close()
      Store.remove(at: folder.file("new"))
    }
    #expect(salvaged > 12 && complete > 3, "\(salvaged) were salvaged, \(complete) whole")
  }
}
