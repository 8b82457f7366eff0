import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore
@testable import AnabranchSync

@Suite("Where the newest messages lie changes nothing")
struct NewestMessagesTests {
  /// So many bytes: none waits; some; as many as ever.
  private static let limits = [0, 40, MessageTail.bytesMax]

  /// All that is read of a store, of whatever its rows are.
  private func readings(_ store: Store) throws -> [String] {
    var readings: [String] = []
    for id in try store.conversationNames() {
      readings.append("\(id) \(try store.lastChange(of: id) ?? -1) \(try store.lastMessages(in: id))")
      readings.append("\(try store.purgePreview(of: id).map { "\($0)" } ?? "")")
      readings.append("\(try store.summary(of: id)?.unread ?? -1) \(try store.tips(of: id).map { "\($0)" } ?? "")")
      for message in try store.conversation(id)?.messages ?? [] {
        readings.append("\(try store.message(message.id)?.message.line == message.line) \(message.id) \(message.line)")
      }
    }
    let purges = try store.purges()
    return readings + purges.map { "\($0.id) \($0.unseen)" } + [try "\(store.conversations(trashed: true))"]
  }

  @Test("In a random history", arguments: [false, true], UInt64(0)..<25)
  func anyHistory(isAboutUndo: Bool, seed: UInt64) throws {
    var options = HistoryGenerator.Options(replicas: 3, steps: isAboutUndo ? 30 : 60)
    options.isAboutUndo = isAboutUndo
    let history = HistoryGenerator.history(seed: seed, options: options)
    let expectation = Expectation(history.changes)
    let folder = try TemporaryFolder()
    var random = RandomStream(seed: seed)
    let delivery = history.delivery(using: &random)
    var stores: [Store] = []
    for limit in Self.limits {
      let store = try folder.store("\(limit).sqlite")
      store.tailBytesMax = limit
      var random = RandomStream(seed: seed + 1)
      try store.receive(delivery, of: history, batchMax: 4, using: &random)
      expectAgreement(try differences(store, expectation))
      stores.append(store)
    }
    let dumps = try stores[0].conversationDumps()
    let read = try readings(stores[0])
    for store in stores.dropFirst() {
      #expect(try store.conversationDumps() == dumps)
      #expect(try readings(store) == read)
      #expect(try store.compareViews(with: stores[0]) == [])
    }
    // The one of which all waits is built anew as one of which nothing does.
    stores[2].tailBytesMax = 0
    try stores[2].rebuildViews()
    #expect(try stores[2].conversationDumps() == dumps)
    #expect(try stores[2].rowCounts() == stores[0].rowCounts())
  }

  @Test("In many conversations, written one message, or many, at a time", arguments: [1, 7, 200])
  func manyConversations(batch: Int) throws {
    let folder = try TemporaryFolder()
    var authors = try Self.limits.map { limit in
      let author = try Author(folder.store("\(limit).sqlite"))
      author.store.tailBytesMax = limit
      return author
    }
    for index in authors.indices {
      var author = authors[index]
      var random = RandomStream(seed: 5)
      let chats = try (0..<12).map { try author.start("title \($0)") }
      for _ in 0..<(batch == 1 ? 400 : 1_400 / batch) {
        try author.store.atomically { () throws(StoreError) in
          do {
            for _ in 0..<batch {
              author.wall += Int64(random.below(90_000))
              let chat = random.one(of: chats[0], random.pick(chats) ?? chats[0])
              let tips = try author.store.tips(of: chat) ?? []
              let parents = random.chance(1, in: 20) ? [] : tips.map(\.message)
              try author.store.write([author.message("words", in: chat, after: parents)], wall: author.wall)
            }
          } catch { throw StoreError(error, path: folder.path) }
        }
      }
      authors[index] = author
    }
    let dumps = try authors[0].store.conversationDumps()
    let read = try readings(authors[0].store)
    for author in authors {
      #expect(try author.store.conversationDumps() == dumps)
      #expect(try readings(author.store) == read)
      #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
    }
    let kept = try authors.map { try $0.store.rowCounts()["message"] ?? 0 }
    #expect(kept[0] > kept[1] && kept[1] > kept[2] && kept[2] > 0)
    // Of a conversation that is in both, the messages come in the order of their keys.
    try authors[2].store.reading { db in
      for chat in try Int64.fetchAll(db, sql: "SELECT key FROM conversation") {
        let keys = try MessageRow.fetchAll(db, conversation: chat).map(\.key)
        #expect(keys == keys.sorted() && Set(keys).count == keys.count)
      }
    }
  }

  @Test("An import asks for what the same transaction has written")
  func withinTransaction() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    try author.store.atomically { () throws(StoreError) in
      do {
        let (chat, message) = try author.importMessage("first", named: "m", in: "c", updated: 3)
        #expect(try author.store.imported(message)?.updated == 3)
        try author.importMessage("second", named: "m", in: "c", updated: 4)
        #expect(try author.store.imported(message)?.updated == 4)
        #expect(try author.store.tips(of: chat)?.map(\.message) == [message])
      } catch { throw StoreError(error, path: folder.path) }
    }
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("A message that waits brings its conversation back out of the trash")
  func trash() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let chat = try author.start("title")
    try author.trash(chat)
    try author.say("not yet", in: chat)
    #expect(try author.store.summary(of: chat)?.trashed == false)
  }

  @Test("Messages that wait come before those of a log that was met later")
  func order() throws {
    let folder = try TemporaryFolder()
    var (one, two) = (try Author(folder.store("1"), seed: 1), try Author(folder.store("2"), seed: 2))
    let chat = try one.start("title")
    try two.store.pull(from: one.store)
    for number in 0..<150 { try two.say("\(number)", in: chat) }
    try one.store.pull(from: two.store)
    try one.say("last", in: chat)
    let (keys, settled) = try one.store.reading { db in
      let keys = try MessageRow.fetchAll(db, conversation: 1 << 19).map(\.key)
      return (keys, try Int64.fetchAll(db, sql: "SELECT key FROM message"))
    }
    #expect(keys.count == 151 && keys == keys.sorted())
    #expect(!settled.isEmpty && keys.first.map(settled.contains) == false)
    #expect(try one.store.conversation(chat)?.messages.last?.content?.text == "last")
  }

  @Test("A message that is in the table and waits, too, is damage")
  func twice() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let chat = try author.start("title")
    try author.say("first", in: chat)
    try author.store.close()
    let tail = try folder.sqlite { try #require(try MessageRow.fetchAll($0, conversation: 1 << 19).first) }
    try folder.sqlite { db in
      try db.run(MessageRow.saving(into: .message)) { tail.bind(to: &$0, conversation: 1 << 19) }
    }
    let faults = try folder.store().verify(scratch: folder.file("scratch")).messages
    #expect(faults == ["a message stands twice in its conversation"])
    let error = #expect(throws: StoreError.self) { try folder.store().conversation(chat) }
    #expect(error?.code == .damaged)
  }
}
