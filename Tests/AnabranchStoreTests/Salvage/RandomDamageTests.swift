import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

/// Whatever a disk does to the file: what is salvaged is part of what was there, sound in itself, and becomes all of it with
/// what another replica has.
@Suite("Salvage after random damage")
struct RandomDamageTests {
  /// A history, and the bytes of the file that has it.
  private struct Whole {
    var bytes: Data
    var vector: VersionVector
    var hash: Digest
    /// What was not sealed yet.
    var open: [Draft]
  }

  /// A history of devices that were let in, of which one was removed afterwards, with words that were not sealed yet; on two devices, the
  /// second one's in `2`.
  private func history(_ folder: TemporaryFolder, seed: UInt64) throws -> Whole {
    let history = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    var author = try Author(folder.store(), seed: seed &+ 1)
    try author.store.receive(history.changes, of: history, using: &random)
    let devices = RightsTests.devices(of: history)
    let space = try author.found()
    for device in Set(devices.values).sorted() { try author.enrol(device, into: space) }
    let messages = try (0..<4).map { turn in try author.say("own \(turn)", in: author.start("mine \(turn)")) }
    let removed = try #require(devices.values.max())
    try author.remove(removed, from: space, after: author.store.heads { devices[$0] == removed })
    let second = try folder.store("2")
    try second.pull(from: author.store)
    #expect(try second.stateHash() == author.store.stateHash())
    for message in messages { try author.stream(" and so on", to: message) }
    let open = try #require(author.store.openChange?.drafts)
    let (vector, hash) = (author.store.vector, try author.store.stateHash())
    _ = try author.store.indexStep()
    try author.store.close()
    return Whole(bytes: try folder.bytes(of: "history.sqlite"), vector: vector, hash: hash, open: open)
  }

  /// Returns whether whole pages were lost, and not letters altered.
  private static func damage(_ bytes: inout Data, _ random: inout RandomStream) -> Bool {
    let pages = bytes.count / 4_096
    // Also the first page, which has the list of tables.
    let page = random.number(in: 0...pages - 1) * 4_096
    let kind = random.below(5)
    switch kind {
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
    return kind < 4
  }

  private static func isSigned(_ checkpoint: Checkpoint, _: LogHeader) -> Bool {
    checkpoint.signature == noSignature
  }

  /// How many changes are sound, whichever way the file is read.
  private static func soundChanges(in path: String) -> UInt64 {
    [try? DamagedDatabase(at: path), try? DamagedDatabase(foundIn: path)].compactMap(\.self).map { database in
      (try? database.reading { try LogSurvey($0, isSigned: isSigned).soundChanges }) ?? 0
    }.max() ?? 0
  }

  @Test(
    "Part of what was there, and with another replica's all of it",
    arguments: [0, 1, 2, 3, 10, 34, 128, 142] as [UInt64])
  func anyDamage(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let whole = try history(folder, seed: seed)
    let (vector, hash) = (whole.vector, whole.hash)
    let peer = try folder.store("2", access: .read)
    var random = RandomStream(seed: seed &+ 77)
    var (salvaged, complete, open) = (0, 0, 0)
    for _ in 0..<25 {
      var bytes = whole.bytes
      let isWholePages = Self.damage(&bytes, &random)
      Store.remove(at: folder.file("damaged"))
      try bytes.write(to: URL(filePath: folder.file("damaged")))
      let result: Salvage
      do {
        result = try Store.salvage(folder.file("damaged"), into: folder.file("new"), isSigned: Self.isSigned)
      } catch {
        #expect(Self.soundChanges(in: folder.file("damaged")) == 0, "\(error)")
        #expect([.damaged, .format].contains(error.code), "\(error)")
        #expect(try folder.names.contains { $0.hasPrefix("new") } == false)
        continue
      }
      salvaged += 1
      let store = try folder.store("new")
      let remains = try Store.remains(
        of: folder.file("damaged"), scratch: folder.file("remains"), isSigned: Self.isSigned)
      #expect(vector.includes(remains.store.vector) && remains.store.vector.includes(store.vector))
      if remains.store.vector == vector, remains.salvage.isTakenOver { #expect(try remains.store.stateHash() == hash) }
      #expect(try remains.store.verify(scratch: folder.file("scratch")).messages == [])
      try remains.store.close()
      #expect(vector.includes(store.vector) && result.changes == store.vector.changes)
      for (log, _, head) in store.heads where head.sequence > 0 {
        #expect(try peer.hash(of: ChangeID(log: log, sequence: head.sequence)) == head.hash)
      }
      let messages = try store.verify(scratch: folder.file("scratch")).messages
      #expect(messages == [], "\(messages)")
      if store.vector == vector { complete += 1 }
      let drafts = store.openChange?.drafts ?? []
      if !drafts.isEmpty { open += 1 }
      #expect(drafts.count <= whole.open.count && (!result.isTakenOver || drafts.count == whole.open.count))
      // What is not sealed has no hash: an altered letter shows by nothing.
      #expect(!isWholePages || drafts == Array(whole.open.prefix(drafts.count)))
      // What was not sealed is put away: sealed where something is lacking, it would be another change than elsewhere.
      try store.transaction { db, state in
        try db.execute(sql: "DELETE FROM open_operation; DELETE FROM open_change")
        state.open = nil
      }
      try store.pull(from: peer)
      #expect(try store.vector == vector && store.stateHash() == hash)
      try store.close()
      Store.remove(at: folder.file("new"))
    }
    #expect(salvaged > 8, "\(salvaged) were salvaged, \(complete) whole, \(open) open")
  }
}
