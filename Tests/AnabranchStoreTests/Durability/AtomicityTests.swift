import AnabranchCore
import Testing

@testable import AnabranchStore

@Suite("Several steps in one transaction")
struct AtomicityTests {
  @Test("Where a step fails, none of them is kept, and what comes next is as if they had never been")
  func failure() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("Before")
    try author.say("one", in: conversation)
    let (vector, hash) = (author.store.vector, try author.store.stateHash())

    var other = author
    #expect(throws: StoreError.self) {
      try author.store.atomically { () throws(StoreError) in
        do {
          try other.say("two", in: conversation)
          try other.title(conversation, "After")
          #expect(try other.store.conversation(conversation)?.messages.count == 2)
          #expect(try other.store.summary(of: conversation)?.title == "After")
        } catch {
          Issue.record(error)
        }
        throw StoreError(.limit, "enough")
      }
    }
    #expect(author.store.vector == vector)
    #expect(try author.store.stateHash() == hash)
    #expect(try author.store.conversation(conversation)?.messages.count == 1)
    #expect(try author.store.tips(of: conversation)?.count == 1)

    try author.say("three", in: conversation)
    let record = try #require(try author.store.conversation(conversation))
    #expect(record.messages.map(\.content?.text) == ["one", "three"])
    #expect(record.messages[1].parents == [record.messages[0].id])
    #expect(try author.store.verify(scratch: folder.file("scratch")).isSound)
  }

  @Test("A step that failed undoes the others, though nobody minds")
  func ignoredFailure() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("Before")
    let vector = author.store.vector
    var other = author
    let unknown = ObjectID.native(OperationID(log: LogID(Bytes16(high: 1, low: 1)), sequence: 1, index: 0))
    let error = #expect(throws: StoreError.self) {
      try author.store.atomically { () throws(StoreError) in
        try? other.title(conversation, "After")
        // Refers to what is not there.
        _ = try? other.say("lost", in: unknown)
      }
    }
    #expect(error?.code == .notFound)
    #expect(author.store.vector == vector)
    #expect(try author.store.summary(of: conversation)?.title == "Before")
  }

  @Test("Steps see each other, and another connection sees none until all are done")
  func isolation() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("Before")
    let reader = try folder.store(access: .read)
    var other = author
    try author.store.atomically { () throws(StoreError) in
      do {
        for text in ["one", "two", "three"] { try other.say(text, in: conversation) }
        #expect(try other.store.summary(of: conversation)?.messages == 3)
        #expect(try reader.summary(of: conversation)?.messages == 0)
      } catch {
        Issue.record(error)
      }
    }
    #expect(try reader.summary(of: conversation)?.messages == 3)
    #expect(try author.store.verify(scratch: folder.file("scratch")).isSound)
  }
}
