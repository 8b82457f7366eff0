import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

/// The bytes of files: kept once, checked always, gone when nothing needs them.
@Suite struct BlobTests {
  private static func bytes(_ count: Int, _ seed: UInt64 = 1) -> [UInt8] {
    var random = RandomStream(seed: seed)
    return random.bytes(count)
  }

  private static func read(_ blob: BlobID, from store: Store) throws -> [UInt8]? {
    guard let outline = try store.outline(of: blob) else { return nil }
    var all: [UInt8] = []
    for index in outline.blocks.indices {
      guard let block = try store.block(UInt32(index), of: blob) else { return nil }
      all += block
    }
    return all
  }

  private static func blobCount(_ store: Store) throws -> (blobs: Int, blocks: Int) {
    try store.reading { db in
      (
        try Int.fetchOne(db, sql: "SELECT count(*) FROM blob") ?? -1,
        try Int.fetchOne(db, sql: "SELECT count(*) FROM block") ?? -1
      )
    }
  }

  @Test(arguments: [0, 1, Limits.blockBytes - 1, Limits.blockBytes, Limits.blockBytes + 1, 3 * Limits.blockBytes])
  func aFileIsReadAsItWasTakenIn(count: Int) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let file = Self.bytes(count)
    let message = try author.say("see", in: author.start())
    let (attachment, blob) = try author.attach(file, to: message, pieces: 70_001)
    #expect(try Self.read(blob, from: author.store) == file)
    let record = try #require(try author.store.attachment(attachment))
    #expect(record.presence == .whole && record.content.byteCount == UInt64(count) && record.message == message)
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
    #expect(try author.store.wholeBlobs([blob]).map(\.byteCount) == [UInt64(count)])
  }

  @Test func equalFilesAreKeptOnce() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let chat = try author.start()
    let file = Self.bytes(Limits.blockBytes + 9)
    let first = try author.attach(file, to: author.say("one", in: chat))
    let second = try author.attach(file, to: author.say("two", in: chat), named: "again")
    #expect(first.blob == second.blob && first.attachment != second.attachment)
    #expect(try Self.blobCount(author.store) == (1, 2))
    #expect(try author.store.attachmentTotals().whole == 1)
  }

  @Test func whatIsNotFinishedIsRemovedAfterACrash() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let chat = try author.start()
    var writer = try BlobWriter(author.store, provisional: author.random.digest())
    try writer.append(Self.bytes(2 * Limits.blockBytes))
    let (kept, _) = try author.attach([1, 2], to: author.say("meanwhile", in: chat))
    #expect(try Self.blobCount(author.store) == (2, 3), "one that is under way stays")
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
    var named = try BlobWriter(author.store, provisional: author.random.digest())
    try named.append([3])
    _ = try named.finish()
    try author.store.close()
    let store = try folder.store()
    #expect(try Self.blobCount(store) == (1, 1), "what nothing refers to is gone")
    let other = try BlobWriter(store, provisional: author.random.digest())
    other.abandon()
    #expect(try Self.blobCount(store) == (1, 1))
    #expect(try store.attachment(kept)?.presence == .whole)
  }

  /// What was given up leaves no byte behind, in the write-ahead log neither: it may be what was purged before.
  @Test func whatIsGivenUpLeavesNoByte() throws {
    let (folder, copy, again) = (try TemporaryFolder(), try TemporaryFolder(), try TemporaryFolder())
    let author = try Author(folder.store())
    var random = author.random
    func holds(_ bytes: [UInt8], _ folder: TemporaryFolder) throws -> Bool {
      try folder.names.contains { try folder.bytes(of: $0).range(of: Data(bytes[1_000..<1_032])) != nil }
    }
    let (first, second) = (random.bytes(5_000), random.bytes(5_000))
    var given = try BlobWriter(author.store, provisional: random.digest())
    try given.append(first)
    let (_, hold) = try given.finish()
    try author.store.letGo(hold)
    #expect(try holds(first, folder), "or this shows nothing")
    var cut = try BlobWriter(author.store, provisional: random.digest())
    try cut.append(second)
    _ = try cut.finish()
    // As the disk is where the process ends here.
    func end(in one: TemporaryFolder, _ other: TemporaryFolder) throws {
      for name in try one.names { try FileManager.default.copyItem(atPath: one.file(name), toPath: other.file(name)) }
    }
    try end(in: folder, copy)
    while try author.store.eraseStep(wall: someWall) == .more {}
    #expect(try !holds(first, folder) && holds(second, folder), "somebody holds the other one")
    let store = try copy.store()
    #expect(try Self.blobCount(store) == (0, 0) && holds(second, copy))
    // And where the next one ends before it got to that.
    try end(in: copy, again)
    for (store, folder) in [(store, copy), (try again.store(), again)] {
      while try store.eraseStep(wall: someWall) == .more {}
      #expect(try !holds(first, folder) && !holds(second, folder))
    }
  }

  @Test func whoTakesAFileInIsNotDisturbedByOthers() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let message = try author.say("see", in: author.start())
    var slow = try BlobWriter(author.store, provisional: author.random.digest())
    try slow.append(Self.bytes(Limits.blockBytes + 1))
    // Somebody else attaches, gives up, and purges meanwhile.
    let (gone, _) = try author.attach([1, 2], to: message)
    try BlobWriter(author.store, provisional: author.random.digest()).abandon()
    try author.store.write(
      [Draft(kind: .purge, target: gone, mutation: .purge(Purge(isImmediate: true)))], wall: someWall)
    while try author.store.eraseStep(wall: someWall) == .more {}
    try slow.append([9])
    let (outline, hold) = try slow.finish()
    while try author.store.eraseStep(wall: someWall) == .more {}
    // Equal bytes that somebody lets go of are still held by the other.
    var same = try BlobWriter(author.store, provisional: author.random.digest())
    try same.append(Self.bytes(Limits.blockBytes + 1) + [9])
    let (_, second) = try same.finish()
    try author.store.letGo(second)
    let content = AttachmentContent(name: "slow", byteCount: outline.byteCount, blob: outline.id)
    let draft = Draft(
      kind: .addElement, target: message, mutation: .addElement(AddElement(set: .attachments)),
      content: author.content(content.canonicalBytes))
    let made = try author.store.write([draft], wall: someWall)[0]
    try author.store.letGo(hold)
    #expect(try author.store.attachment(.native(made))?.presence == .whole)
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])

    var unused = try BlobWriter(author.store, provisional: author.random.digest())
    try unused.append([7])
    try author.store.letGo(unused.finish().hold)
    #expect(try Self.blobCount(author.store).blobs == 1, "what nothing refers to in the end is gone")
  }

  @Test func aBlobThatIsLackingIsFetchedBlockByBlock() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store("author.sqlite"))
    let reader = try folder.store("reader.sqlite")
    let file = Self.bytes(2 * Limits.blockBytes + 5)
    let (attachment, blob) = try author.attach(file, to: author.say("see", in: author.start()))
    let device = author.random.digest()
    #expect(try reader.lack(of: blob, heldBy: device) == .nothing, "nobody has told of it yet")
    try reader.pull(from: author.store)
    #expect(try reader.attachment(attachment)?.presence == .partial(blocks: 0))
    #expect(try reader.wantedBlobs(upTo: .max, excluding: [], limit: 10) == [blob])
    #expect(try reader.wantedBlobs(upTo: .max, excluding: [blob], limit: 10).isEmpty)
    #expect(try reader.wantedBlobs(upTo: 1_000, excluding: [], limit: 10).isEmpty)
    try reader.want(blob)
    #expect(try reader.wantedBlobs(upTo: 1_000, excluding: [], limit: 10) == [blob])

    #expect(try reader.lack(of: blob, heldBy: device) == .whole)
    let outline = try #require(try author.store.outline(of: blob))
    #expect(try !reader.keep(Array(file[..<Limits.blockBytes]), at: 0, of: blob), "not before the hashes are here")
    try reader.keep(outline)
    #expect(throws: StoreError.self) { try reader.keep([1, 2, 3], at: 0, of: blob) }
    #expect(try !reader.keep(Array(file[Limits.blockBytes..<2 * Limits.blockBytes]), at: 1, of: blob))
    #expect(try reader.lack(of: blob, heldBy: device) == .blocks([0, 2], of: outline))
    #expect(try reader.attachment(attachment)?.presence == .partial(blocks: 1))
    #expect(try reader.verify(scratch: folder.file("scratch")).faults == [])
    #expect(try !reader.keep(Array(file[..<Limits.blockBytes]), at: 0, of: blob))
    #expect(try !reader.keep(Array(file[..<Limits.blockBytes]), at: 0, of: blob), "once")
    #expect(try reader.keep(Array(file[(2 * Limits.blockBytes)...]), at: 2, of: blob))
    #expect(try Self.read(blob, from: reader) == file)
    let record = try #require(try reader.attachment(attachment))
    #expect(record.presence == .whole && record.holders == [device])
    #expect(try reader.lack(of: blob, heldBy: device) == .nothing)
  }

  @Test func aDamagedBlockIsNoticedAndFetchedAgain() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let file = Self.bytes(Limits.blockBytes + 5)
    let (attachment, blob) = try author.attach(file, to: author.say("see", in: author.start()))
    try author.store.alone { db in
      try db.execute(sql: "UPDATE block SET bytes = zeroblob(length(bytes)) WHERE id = (SELECT max(id) FROM block)")
    }
    #expect(throws: StoreError.self) { try author.store.block(1, of: blob) }
    let found = try author.store.verify(scratch: folder.file("scratch"))
    #expect(found.messages == ["block 1 of blob \(blob) is damaged"])
    #expect(found.faults.flatMap(\.attachments).map(\.id) == [attachment])
    #expect(found.attachments?.whole == 0 && found.attachments?.lacking == 0 && found.damagedAttachments == 1)
    try author.store.dropDamaged(1, of: blob)
    #expect(try author.store.attachment(attachment)?.presence == .partial(blocks: 1))
    #expect(try author.store.wantedBlobs(upTo: .max, excluding: [], limit: 1) == [blob])
    #expect(try author.store.keep(Array(file[Limits.blockBytes...]), at: 1, of: blob))
    #expect(try Self.read(blob, from: author.store) == file)
  }

  @Test func damagedHashesAreNoticedAndFetchedAgain() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let file = Self.bytes(Limits.blockBytes + 5)
    let (_, blob) = try author.attach(file, to: author.say("see", in: author.start()))
    let outline = try #require(try author.store.outline(of: blob))
    try author.store.alone { db in try db.execute(sql: "UPDATE blob SET outline = zeroblob(length(outline))") }
    #expect(try author.store.outline(of: blob) == nil)
    #expect(
      try author.store.verify(scratch: folder.file("scratch")).messages == [
        "the hashes of blob \(blob) are not its own"
      ])
    try author.store.dropDamagedOutline(of: blob)
    #expect(try author.store.wantedBlobs(upTo: .max, excluding: [], limit: 1) == [blob])
    #expect(try author.store.lack(of: blob, heldBy: .zero) == .whole)
    try author.store.keep(outline)
    #expect(try author.store.lack(of: blob, heldBy: .zero) == .nothing, "its blocks are here")
    #expect(try Self.read(blob, from: author.store) == file)
  }

  @Test func theRuleGoesByTheLengthThatComes() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store("author.sqlite"))
    let reader = try folder.store("reader.sqlite")
    let (_, blob) = try author.attach(Self.bytes(5_000), to: author.say("see", in: author.start()))
    try reader.pull(from: author.store)
    #expect(try reader.wantedBlobs(upTo: nil, excluding: [], limit: 1).isEmpty)
    #expect(try reader.lack(of: blob, heldBy: .zero, byteCount: 5_000, upTo: 4_999) == .nothing)
    #expect(try reader.lack(of: blob, heldBy: .zero, byteCount: 5_000, upTo: nil) == .nothing)
    #expect(try reader.lack(of: blob, heldBy: .zero, byteCount: 5_000, upTo: 5_000) == .whole)
    try reader.want(blob)
    #expect(try reader.wantedBlobs(upTo: nil, excluding: [], limit: 1) == [blob])
    #expect(try reader.lack(of: blob, heldBy: .zero, byteCount: 5_000, upTo: nil) == .whole)
  }

  @Test func noByteOfAPurgedFileIsLeft() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store("one.sqlite"))
    let other = try folder.store("two.sqlite")
    let chat = try author.start()
    let message = try author.say("see", in: chat)
    let shared = Self.bytes(Limits.blockBytes + 300, 5)
    let alone = Self.bytes(2 * Limits.blockBytes + 300, 6)
    let (gone, blob) = try author.attach(alone, to: message)
    let (first, sharedBlob) = try author.attach(shared, to: message, named: "a")
    let (second, _) = try author.attach(shared, to: author.say("too", in: chat), named: "b")
    try other.pull(from: author.store)
    for blob in [blob, sharedBlob] { try other.copy(blob, from: author.store) }

    func holds(_ bytes: ArraySlice<UInt8>, _ file: String) throws -> Bool {
      try folder.names.contains { name in
        try name.hasPrefix(file) && folder.bytes(of: name).range(of: Data(bytes)) != nil
      }
    }
    for object in [gone, first] {
      let purge = Draft(kind: .purge, target: object, mutation: .purge(Purge(isImmediate: true)))
      try author.store.write([purge], wall: someWall)
    }
    #expect(try author.store.attachments(of: message).isEmpty, "hidden at once")
    try other.pull(from: author.store)
    for (file, store) in [("one", author.store), ("two", other)] {
      try store.checkpoint()
      #expect(try holds(alone[100..<140], file) && holds(shared[100..<140], file))
      while try store.eraseStep(wall: someWall) == .more {}
      for place in stride(from: 10, to: alone.count - 40, by: 3_001) {
        #expect(try !holds(alone[place..<place + 32], file), "byte \(place) in \(file)")
      }
      // Its hashes would tell who knows the file that it was here.
      for hash in BlobTests.hashes(of: alone) + [blob.digest] { #expect(try !holds(hash.bytes[...], file)) }
      #expect(try holds(shared[100..<140], file), "somebody still needs it")
      #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
      #expect(try store.attachment(second)?.presence == .whole && store.attachment(gone) == nil)
      #expect(try store.lack(of: blob, heldBy: .zero) == .nothing, "nor is it fetched again")
    }
    let last = Draft(kind: .purge, target: chat, mutation: .purge(Purge(isImmediate: true)))
    try author.store.write([last], wall: someWall)
    while try author.store.eraseStep(wall: someWall) == .more {}
    #expect(try !holds(shared[100..<140], "one") && Self.blobCount(author.store) == (0, 0))
  }

  @Test(arguments: [0, 1, 2]) func whatWasPurgedIsNotFetchedAnyMore(level: Int) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store("author.sqlite"))
    let reader = try folder.store("reader.sqlite")
    let chat = try author.start()
    let message = try author.say("see", in: chat)
    let file = Self.bytes(5_000)
    let (attachment, blob) = try author.attach(file, to: message)
    try reader.pull(from: author.store)
    #expect(try reader.attachmentTotals().lacking == 1)

    // Its bytes go a day later; it is hidden from now on.
    let purge = Draft(
      kind: .purge, target: [attachment, message, chat][level], mutation: .purge(Purge(isImmediate: false)))
    try author.store.write([purge], wall: someWall)
    try reader.pull(from: author.store)
    #expect(try reader.wantedBlobs(upTo: .max, excluding: [], limit: 1).isEmpty)
    #expect(try reader.lack(of: blob, heldBy: .zero) == .nothing)
    #expect(try reader.attachmentTotals().lacking == 0)

    // The same file elsewhere is needed.
    try author.attach(file, to: author.say("again", in: author.start()))
    try reader.pull(from: author.store)
    #expect(try reader.wantedBlobs(upTo: .max, excluding: [], limit: 1) == [blob])
    #expect(try reader.lack(of: blob, heldBy: .zero) == .whole)
  }

  private static func hashes(of bytes: [UInt8]) -> [Digest] {
    stride(from: 0, to: bytes.count, by: Limits.blockBytes).map { start in
      BlobOutline.hash(ofBlock: bytes[start..<min(start + Limits.blockBytes, bytes.count)])
    }
  }
}

extension Author {
  /// Attaches a file to a message; its bytes come in pieces.
  @discardableResult
  mutating func attach(
    _ bytes: [UInt8], to message: ObjectID, named name: String = "file", pieces: Int = 1 << 20
  ) throws -> (attachment: ObjectID, blob: BlobID) {
    var writer = try BlobWriter(store, provisional: random.digest())
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      try writer.append(bytes[start..<min(start + pieces, bytes.count)])
    }
    let (outline, hold) = try writer.finish()
    let content = AttachmentContent(name: name, byteCount: outline.byteCount, blob: outline.id)
    let draft = Draft(
      kind: .addElement, target: message, mutation: .addElement(AddElement(set: .attachments)),
      content: self.content(content.canonicalBytes))
    let made = try store.write([draft], wall: wall)[0]
    try store.letGo(hold)
    return (.native(made), outline.id)
  }
}

extension Store {
  /// Fetches a blob as a session would.
  func copy(_ blob: BlobID, from other: Store) throws {
    guard let outline = try other.outline(of: blob) else { return }
    try keep(outline)
    for index in outline.blocks.indices {
      try keep(try #require(try other.block(UInt32(index), of: blob)), at: UInt32(index), of: blob)
    }
  }
}
