import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("What is sound of a damaged database goes on in a new one")
struct SalvageTests {
  /// Two devices that talked, and have each other's words; both databases are closed.
  private func talk(_ folder: TemporaryFolder) throws -> (hash: Digest, vector: VersionVector, conversation: ObjectID) {
    var (one, two) = (try Author(folder.store(), seed: 1), try Author(folder.store("2"), seed: 2))
    let conversation = try one.start("title")
    for turn in 0..<6 {
      try one.say("question \(turn)", in: conversation)
      try two.store.pull(from: one.store)
      try two.say("answer \(turn)", in: conversation, role: .assistant)
      try one.store.pull(from: two.store)
    }
    try one.importMessage("imported", named: "m", in: "c", updated: 3)
    try two.store.pull(from: one.store)
    let result = (try one.store.stateHash(), one.store.vector, conversation)
    try two.store.close()
    try one.store.close()
    return result
  }

  private func salvage(_ folder: TemporaryFolder, _ name: String = "history.sqlite") throws -> (Salvage, Store) {
    let result = try Store.salvage(
      folder.file(name), into: folder.file("new"), isSigned: { checkpoint, _ in checkpoint.signature == noSignature })
    return (result, try folder.store("new"))
  }

  @Test(
    "All of it, where only what is made of the log is damaged",
    arguments: [
      "DELETE FROM message; UPDATE conversation SET tail = NULL", "UPDATE conversation SET fingerprint = zeroblob(32)",
      "DROP TABLE element",
      "DELETE FROM setting WHERE name = 'frontier'", "UPDATE setting SET value = 1 WHERE name = 'semantics level'",
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABL x' WHERE name = 'message'",
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2000 WHERE name = 'conversation'",
    ])
  func views(damage: String) throws {
    let folder = try TemporaryFolder()
    let (hash, vector, _) = try talk(folder)
    try folder.sqlite { try $0.execute(sql: damage) }
    let (result, store) = try salvage(folder)
    #expect(result.losses == [] && result.faults == [] && result.isOwnLogWhole)
    #expect(result.changes == vector.changes && store.vector == vector)
    #expect(try store.stateHash() == hash)
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("Each log up to what is damaged, or builds on that; the rest is named, and comes from others")
  func log() throws {
    let folder = try TemporaryFolder()
    let (hash, vector, _) = try talk(folder)
    let own = try #require(try folder.store().ownLog)
    let key = try folder.sqlite { db in
      let ordinal = try Int64.fetchOne(
        db, sql: "SELECT ordinal FROM log WHERE id = ?", arguments: [Data(own.bytes.bytes)])
      let key = try #require(ordinal) << 32 + 4
      try db.execute(sql: "UPDATE change SET bytes = zeroblob(20) WHERE id = ?", arguments: [key])
      return key
    }
    #expect(key & 0xffff == 4)
    let (result, store) = try salvage(folder)
    #expect(store.vector[own] == 3 && !result.isOwnLogWhole)
    let other = try #require(vector.entries.first { $0.log != own }?.log)
    #expect(store.vector[other] > 0 && store.vector[other] < vector[other])
    #expect(result.changes == store.vector.changes)
    let losses = Dictionary(uniqueKeysWithValues: result.losses.map { ($0.log, $0) })
    #expect(losses[own]?.changes == 4...vector[own])
    #expect(losses[own]?.reason.contains("change 4 of log \(own) cannot be read") == true)
    #expect(losses[other]?.changes == store.vector[other] + 1...vector[other])
    #expect(losses[other]?.reason.contains("builds on change") == true)
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
    try store.pull(from: folder.store("2"))
    #expect(try store.vector == vector && store.stateHash() == hash)
  }

  @Test("What stands behind the damage comes too, once others have brought what was lost")
  func behind() throws {
    let folder = try TemporaryFolder()
    let (_, vector, conversation) = try talk(folder)
    var author = Author(with: try folder.store(), seed: 9)
    try author.say("nobody else has this", in: conversation)
    try author.tag(conversation, "nor this")
    let (hash, all, own) = (try author.store.stateHash(), author.store.vector, try #require(author.store.ownLog))
    try author.store.close()
    try folder.sqlite { try $0.execute(sql: "DELETE FROM change WHERE id & 4294967295 = 5") }
    let (_, store) = try salvage(folder)
    try store.openLog(.device(key: key(of: own, in: store), nonce: author.random.bytes16()), wall: someWall)
    #expect(try store.takeOver(from: folder.file("history.sqlite")) == 0)
    try store.pull(from: folder.store("2"))
    #expect(store.vector[own] == vector[own])
    #expect(try store.takeOver(from: folder.file("history.sqlite")) == 2)
    #expect(store.vector[own] == all[own])
    #expect(try store.stateHash() == hash)
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
    #expect(try store.takeOver(from: folder.file("history.sqlite")) == 0)
  }

  @Test(
    "What is only in a file that has lost its list of logs comes to one that has these from others",
    arguments: ["DELETE FROM log", "DELETE FROM log WHERE ordinal = 0", "DROP TABLE log", "page"])
  func listOfLogs(damage: String) throws {
    let folder = try TemporaryFolder()
    let (_, vector, conversation) = try talk(folder)
    let other = try folder.store("2")
    var author = Author(with: try folder.store(), seed: 9)
    try author.say("nobody else has this", in: conversation)
    let (hash, own) = (try author.store.stateHash(), try #require(author.store.ownLog))
    try author.store.checkpoint()
    try author.store.close()
    try folder.sqlite { db in
      try db.execute(
        sql: """
          UPDATE change SET signature = ? WHERE id & 4294967295 = ? \
          AND id >> 32 = (SELECT ordinal FROM log WHERE id = ?)
          """, arguments: [Data(noSignature), vector[own] + 1, Data(own.bytes.bytes)])
    }
    if damage == "page" {
      let root = try folder.sqlite { db in
        try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'log'")
      }
      let file = try FileHandle(forUpdating: URL(filePath: folder.file("history.sqlite")))
      try file.seek(toOffset: UInt64(#require(root) - 1) * 4_096)
      try file.write(contentsOf: Data(repeating: 0xA5, count: 4_096))
      try file.close()
    } else {
      try folder.sqlite { try $0.execute(sql: damage) }
    }
    #expect(other.vector == vector)
    let kept = folder.file("2" + Store.keptMark + "1")
    try FileManager.default.copyItem(atPath: folder.file("history.sqlite"), toPath: kept)
    #expect(try other.untakenFiles() == [kept])
    #expect(try other.takeOver(from: kept) == 1)
    #expect(try other.untakenFiles() == [], "all that can be read there is here, and known to be")
    #expect(try other.vector[own] == vector[own] + 1 && other.stateHash() == hash)
    #expect(try other.verify(scratch: folder.file("scratch")).faults == [])
    // Of a device whose log is not known there nothing is taken.
    let stranger = try Author(folder.store("3"), seed: 3).store
    let unknown = folder.file("3" + Store.keptMark + "1")
    try FileManager.default.copyItem(atPath: kept, toPath: unknown)
    #expect(try stranger.takeOver(from: unknown) == 0)
    #expect(try stranger.untakenFiles() == [unknown])
  }

  @Test("Words that were still being written stay, unless they do not follow what is there")
  func openWords() throws {
    let folder = try TemporaryFolder()
    let (_, _, conversation) = try talk(folder)
    var author = Author(with: try folder.store(), seed: 9)
    let message = try author.say("begun", in: conversation)
    try author.stream(" and going on", to: message)
    let sequence = try #require(author.store.ownLog.map { author.store.vector[$0] })
    try author.store.close()
    let (result, store) = try salvage(folder)
    #expect(result.isOwnLogWhole && result.faults == [])
    _ = try store.sealOpenChange(wall: someWall)
    #expect(try store.text(.body, of: message)?.text == "begun and going on")
    try store.close()

    try folder.sqlite { try $0.execute(sql: "DELETE FROM change WHERE id & 4294967295 = \(sequence)") }
    let (short, other) = try salvage(folder)
    #expect(short.faults.count == 1 && short.faults[0].contains("not sealed"), "\(short.faults)")
    #expect(try other.sealOpenChange(wall: someWall) == nil)
    // Those words followed a change that is not there: its number was used.
    #expect(short.losses.map(\.changes) == [sequence...sequence] && !short.isOwnLogWhole)
    #expect(short.losses[0].reason.contains("is not there, and this device noted"))
  }

  /// The device that writes a log.
  private func key(of log: LogID, in store: Store) throws -> Digest {
    try #require(store.device(of: log))
  }

  @Test("Of another device's log nothing comes from the damaged file that its author has not signed")
  func unsigned() throws {
    let folder = try TemporaryFolder()
    let (_, vector, conversation) = try talk(folder)
    var author = Author(with: try folder.store(), seed: 9)
    let own = try #require(author.store.ownLog)
    try author.say("signed", in: conversation)
    let signed = author.store.vector[own]
    try author.say("not signed", in: conversation)
    try author.store.close()
    try folder.sqlite { db in
      try db.execute(sql: "DELETE FROM change WHERE id & 4294967295 = 5")
      try db.execute(
        sql: "UPDATE change SET signature = CASE WHEN id & 4294967295 = ? THEN ? END WHERE id & 4294967295 > ?",
        arguments: [signed, Data(noSignature), vector[own]])
    }
    let (_, store) = try salvage(folder)
    store.isSigned = { checkpoint, _ in checkpoint.signature == noSignature }
    try store.openLog(.device(key: author.random.digest(), nonce: author.random.bytes16()), wall: someWall)
    try store.pull(from: folder.store("2"))
    #expect(store.vector[own] == vector[own])
    #expect(try store.takeOver(from: folder.file("history.sqlite")) == UInt64(signed - vector[own]))
    #expect(store.vector[own] == signed)
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("A number that another device has is used, whatever the log ends at")
  func lostTail() throws {
    let folder = try TemporaryFolder()
    let (_, vector, _) = try talk(folder)
    var author = Author(with: try folder.store(), seed: 9)
    let own = try #require(author.store.ownLog)
    let theirs = VersionVector(vector.entries.map { ($0.log, $0.log == own ? $0.sequence : $0.sequence + 5) })
    try author.store.save(
      PeerRecord(device: author.random.digest(), name: "phone", address: nil, vector: theirs, contact: 7))
    try author.store.close()
    // What others have of their own logs and never brought is no loss.
    #expect(try salvage(folder).0.isOwnLogWhole)
    try folder.sqlite { db in
      try db.execute(
        sql: """
          DELETE FROM setting WHERE name = 'frontier';
          DELETE FROM change WHERE id = (SELECT max(change.id) FROM change JOIN log ON ordinal = change.id >> 32 WHERE log.id = ?)
          """, arguments: [Data(own.bytes.bytes)])
    }
    let (short, store) = try salvage(folder)
    #expect(short.losses.map(\.log) == [own] && short.losses.map(\.changes) == [vector[own]...vector[own]])
    #expect(store.vector[own] == vector[own] - 1 && !short.isOwnLogWhole)
  }

  @Test(
    "What is altered beside the log is left out by itself, and told",
    arguments: [
      ("UPDATE setting SET value = 1.5 WHERE name = 'clock'", "setting “clock”"),
      ("UPDATE setting SET value = 7 WHERE name = 'name'", "setting “name”"),
      ("UPDATE blob SET outline = x'00'", "1 attached files"),
      ("UPDATE blob SET id = 'none'", "1 attached files"),
      ("INSERT INTO log(ordinal, id, header) VALUES(9223372036854775807, x'00', x'00')", "log number"),
    ])
  func altered(damage: String, words: String) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let message = try author.say("see", in: author.start())
    _ = try author.attach(author.random.bytes(3 * Limits.blockBytes), to: message)
    try author.store.setName("laptop")
    try author.store.setOriginMark("mark")
    let (vector, hash) = (author.store.vector, try author.store.stateHash())
    let clock = author.store.clock
    try author.store.close()
    try folder.sqlite {
      try $0.execute(sql: "INSERT OR REPLACE INTO setting VALUES('clock', ?)", arguments: [Int64(clock.rawValue)])
    }
    try folder.sqlite { try $0.execute(sql: damage) }
    let (result, store) = try salvage(folder)
    #expect(result.faults.contains { $0.contains(words) }, "\(result.faults)")
    #expect(try store.vector == vector && store.stateHash() == hash && store.originMark() == "mark")
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("Names, settings, what is known of others, and files block by block")
  func beside() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let message = try author.say("see", in: author.start())
    let file = author.random.bytes(3 * Limits.blockBytes)
    let (_, blob) = try author.attach(file, to: message)
    let peer = PeerRecord(
      device: author.random.digest(), name: "phone", address: "[::1]:4850", vector: author.store.vector, contact: 7)
    try author.store.save(peer)
    try author.store.setName("laptop")
    try author.store.enter(author.random.bytes16(), invitedBy: peer.device)
    let (space, inviters, hash) = (author.store.space, try author.store.inviters(), try author.store.stateHash())
    try author.store.close()
    let (result, store) = try salvage(folder)
    #expect(result.lostBlocks == 0 && result.faults == [])
    #expect(try store.peers() == [peer] && store.name() == "laptop")
    #expect(try store.space == space && store.inviters() == inviters && store.stateHash() == hash)
    #expect(try store.wholeBlobs([blob]).count == 1)
    try store.close()

    try folder.sqlite { try $0.execute(sql: "UPDATE block SET bytes = zeroblob(length(bytes)) WHERE id & 3 = 1") }
    let (damaged, lacking) = try salvage(folder)
    #expect(damaged.lostBlocks == 1 && damaged.losses == [])
    #expect(try lacking.wholeBlobs([blob]).isEmpty)
    guard case .blocks(let indices, _) = try lacking.lack(of: blob, heldBy: peer.device, byteCount: UInt64(file.count))
    else {
      Issue.record("nothing is fetched again")
      return
    }
    #expect(indices == [1])
    #expect(try lacking.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("Of a forked log each branch up to its damage, and none whose beginning is lost", arguments: UInt64(0)..<12)
  func branches(seed: UInt64) throws {
    var fleet = try Fleet(seed: seed)
    try fleet.add()
    for _ in 0..<5 { try fleet.write(0) }
    try fleet.copy(0)
    for number in [0, 1, 0, 1, 0, 1] { try fleet.write(number) }
    try fleet.pull(0, from: 1)
    try fleet.pull(1, from: 0)
    for number in [0, 1, 1] { try fleet.write(number) }
    try fleet.pull(0, from: 1)
    try fleet.pull(1, from: 0)
    let (whole, other) = (fleet.authors[0].store, fleet.authors[1].store)
    let (vector, hash) = (whole.vector, try whole.stateHash())
    #expect(vector == other.vector && !whole.branches.isEmpty)
    try whole.checkpoint()
    let name = URL(filePath: whole.path).lastPathComponent
    try whole.close()
    let keys = try fleet.folder.sqlite(name) { try Int64.fetchAll($0, sql: "SELECT id FROM change ORDER BY id") }
    let lost = fleet.random.pick(keys)
    let key = try #require(lost)
    try fleet.folder.sqlite(name) { try $0.execute(sql: "DELETE FROM change WHERE id = \(key)") }
    let result = try Store.salvage(fleet.folder.file(name), into: fleet.folder.file("new"), isSigned: other.isSigned)
    let store = try fleet.folder.store("new")
    store.isSigned = other.isSigned
    #expect(result.changes == store.vector.changes && store.vector.changes < vector.changes)
    #expect(try store.verify(scratch: fleet.folder.file("scratch")).faults == [])
    fleet.authors.append(Author(with: store, seed: 5))
    try fleet.pull(2, from: 1)
    #expect(store.vector == vector)
    #expect(try store.stateHash() == hash)
    #expect(try store.verify(scratch: fleet.folder.file("scratch")).faults == [])
  }

  @Test("How far a log went is told by what others build on, also where another log has forked")
  func knownBesideAFork() throws {
    var fleet = try Fleet(seed: 4)
    try fleet.add()
    try fleet.add()
    let conversation = try fleet.authors[0].start("common")
    try fleet.authors[0].say("common", in: conversation)
    try fleet.copy(0)
    for number in 0..<3 { try fleet.authors[number].say("of \(number)", in: fleet.authors[number].start("own")) }
    for number in [2, 1] { try fleet.pull(0, from: number) }
    try fleet.authors[0].say("on all of that", in: conversation)
    let (store, other) = (fleet.authors[0].store, try #require(fleet.authors[1].store.ownLog))
    let root = try #require(store.heads.first { !store.branches.branches(after: $0.log).isEmpty }?.log)
    let vector = store.vector
    #expect(vector[root] > 1 && vector[other] > 1)
    let (name, isSigned) = (URL(filePath: store.path).lastPathComponent, store.isSigned)
    try store.checkpoint()
    try store.close()
    try fleet.folder.sqlite(name) { db in
      for log in [root, other] {
        try db.execute(
          sql: "DELETE FROM change WHERE id = (SELECT ordinal FROM log WHERE id = ?) << 32 | ?",
          arguments: [Data(log.bytes.bytes), vector[log]])
      }
    }
    let found = try Store.survey(damaged: fleet.folder.file(name), isSigned: isSigned)
    for log in [root, other] {
      let soundness = try #require(found.logs.first { $0.log == log })
      #expect(soundness.sound == vector[log] - 1 && soundness.known == vector[log])
      #expect(soundness.fault == "change \(vector[log]) of log \(log) is not there, and others build on that")
    }
  }

  @Test("A file that is none, or of which nothing can be read, is said to be so, and nothing is left behind")
  func nothing() throws {
    let folder = try TemporaryFolder()
    _ = try talk(folder)
    try Data(repeating: 7, count: 9_000).write(to: URL(filePath: folder.file("junk")))
    #expect(throws: StoreError.self) { try Store.salvage(folder.file("junk"), into: folder.file("new")) }
    try folder.sqlite { try $0.execute(sql: "DELETE FROM change") }
    let error = #expect(throws: StoreError.self) {
      try Store.salvage(folder.file("history.sqlite"), into: folder.file("new"))
    }
    #expect(error?.code == .damaged && error?.message.contains("no change of any log can be read") == true)
    let read = #expect(throws: StoreError.self) {
      try Store.remains(of: folder.file("history.sqlite"), scratch: folder.file("remains"))
    }
    #expect(error?.remedy == StoreError.replacing && read?.remedy == StoreError.replacing)
    #expect(try folder.names.contains { $0.hasPrefix("new") } == false)
  }
}
