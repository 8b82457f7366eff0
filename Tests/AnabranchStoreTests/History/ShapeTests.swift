import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import GRDB
import Testing

@testable import AnabranchStore

@Suite("Shapes that no person's device writes")
struct ShapeTests {
  /// A question with two answers on the main line, a branch, and then what `more` adds.
  private func check(
    _ more: (inout Author, _ conversation: ObjectID, _ main: ObjectID, _ branch: ObjectID) throws -> [Draft]
  ) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store("1"))
    let conversation = try author.start("title")
    let main = try author.say("on the main line", in: conversation)
    let draft = author.message("on a branch", in: conversation, after: [main], line: .started)
    let branch = ObjectID.native(try author.store.write([draft], wall: author.wall)[0])
    for draft in try more(&author, conversation, main, branch) {
      author.wall += 1
      try author.store.write([draft], wall: author.wall)
      expectAgreement(try differences(author.store, Expectation(author.store.sealedChanges())))
    }
    let other = try folder.store("2")
    try other.pull(from: author.store, bytesMax: 1 << 20)
    #expect(try other.conversationDumps() == author.store.conversationDumps())
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("A message that joins several lines stands on that of the first parent it names")
  func joinsLines() throws {
    try check { author, conversation, main, branch in
      let other = author.message("another answer", in: conversation, after: [main])
      let tip = ObjectID.native(try author.store.write([other], wall: author.wall)[0])
      return [
        author.message("branch first", in: conversation, after: [branch, tip]),
        author.message("main first", in: conversation, after: [tip, branch]),
        author.message("no tip first", in: conversation, after: [main, branch]),
        author.message("a line by name", in: conversation, after: [tip], line: .named(branch)),
      ]
    }
  }

  @Test("A parent that is not there, or stands elsewhere, counts as none")
  func strangeParents() throws {
    try check { author, conversation, main, branch in
      let elsewhere = try author.start("another")
      let foreign = try author.say("elsewhere", in: elsewhere)
      let absent = ObjectID.imported(Hashing.imported(source: "test", path: ["never"]))
      return [
        author.message("after nothing", in: conversation, after: [absent, branch]),
        author.message("after a message of another", in: conversation, after: [foreign]),
        author.message("regular", in: conversation, after: [branch]),
        author.message("after a conversation", in: conversation, after: [conversation]),
        author.message("twice after one", in: conversation, after: [main, main]),
      ]
    }
  }

  @Test("What refers to something that is not held is refused, and nothing is written")
  func unheldReferences() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store("1"))
    let conversation = try author.start("title")
    let message = try author.say("hello", in: conversation)
    let other = try Author(folder.store("2"), seed: 2)
    let (own, unknown) = (try #require(author.store.ownLog), try #require(other.store.ownLog))
    let next = try #require(author.store.nextSequence)
    let before = (author.store.logHash, try author.store.stateHash())
    for operation in [
      OperationID(log: own, sequence: next, index: 0), OperationID(log: own, sequence: next, index: 1),
      OperationID(log: own, sequence: next + 1, index: 0), OperationID(log: unknown, sequence: 1, index: 0),
    ] {
      let parent = author.message("after it", in: conversation, after: [.native(operation)])
      let append = AppendText(predecessors: [operation], position: 5, length: 1)
      let text = Draft(
        kind: .appendText, target: message, mutation: .appendText(append), content: author.content("!"))
      #expect(Self.code { _ = try author.store.write([parent], wall: author.wall) } == .notFound)
      #expect(Self.code { _ = try author.store.append(text, wall: author.wall) } == .notFound)
    }
    #expect(!author.store.hasOpenChange && author.store.logHash == before.0)
    #expect(try author.store.stateHash() == before.1)
  }

  private static func code(_ body: () throws -> Void) -> StoreError.Code? {
    do {
      try body()
      return nil
    } catch {
      return (error as? StoreError)?.code
    }
  }

  private static let imported = ObjectID.imported(Hashing.imported(source: "test", path: ["c"]))

  /// A message of one source, numbered, as one export has it.
  private func message(
    _ number: Int, after parents: [Int], line: LinePlacement = .continued, updated: Int64? = nil,
    by author: inout Author
  ) -> Draft {
    func name(_ number: Int) -> Bytes16 { Hashing.imported(source: "test", path: ["m\(number)"]) }
    let base = CreateMessage(
      parents: parents.map { .imported(name($0)) }, line: line, role: .user, created: Int64(number), length: 1)
    return Draft(
      kind: .importMessage, target: Self.imported,
      mutation: .importMessage(ImportMessage(message: name(number), updated: updated, base: base)),
      content: author.content(MessageContent(text: "\(number)").canonicalBytes))
  }

  private func importing(_ folder: TemporaryFolder) throws -> Author {
    var author = try Author(folder.store())
    let draft = Draft(
      kind: .importConversation, target: Self.imported,
      mutation: .importConversation(ImportConversation(created: 7, updated: nil)),
      content: author.content(ConversationContent(title: "c").canonicalBytes))
    try author.store.write([draft], wall: author.wall)
    return author
  }

  @Test("A parent that comes later takes its place, and the conversation goes on as if it had always been there")
  func lateParents() throws {
    let folder = try TemporaryFolder()
    var author = try importing(folder)
    for (number, parents) in [(3, [1, 2]), (2, [0]), (1, [0]), (0, [])] {
      try author.store.write([message(number, after: parents, by: &author)], wall: author.wall)
      expectAgreement(try differences(author.store, Expectation(author.store.sealedChanges())))
    }
    try author.say("and on", in: Self.imported)
    expectAgreement(try differences(author.store, Expectation(author.store.sealedChanges())))
    let state = author.store.state
    let irregular = try author.store.queue.inDatabase { db in
      try db.key(of: Self.imported, state).flatMap { try ConversationRow.fetch(db, key: $0) }?.irregular
    }
    #expect(irregular == false)
  }

  @Test("A message of several conversations is found in that of the least name; taken back there, where it still shows")
  func severalConversations() throws {
    let folder = try TemporaryFolder()
    var author = try importing(folder)
    let name = try author.store.write([message(0, after: [], by: &author)], wall: author.wall)[0]
    let other = ObjectID.imported(Hashing.imported(source: "test", path: ["other"]))
    var again = message(0, after: [], by: &author)
    again.target = other
    let conversation = Draft(
      kind: .importConversation, target: other,
      mutation: .importConversation(ImportConversation(created: 8, updated: nil)),
      content: author.content(ConversationContent(title: "other").canonicalBytes))
    let nameAgain = try author.store.write([conversation, again], wall: author.wall)[1]
    let id = ObjectID.imported(Hashing.imported(source: "test", path: ["m0"]))
    let (least, greatest) = (min(Self.imported, other), max(Self.imported, other))
    #expect(try author.store.message(id)?.conversation == least)

    let taken = least == other ? nameAgain : name
    let withdrawal = Draft(kind: .withdraw, target: id, mutation: .withdraw(Withdraw(operations: [taken])))
    try author.store.write([withdrawal], wall: author.wall)
    expectAgreement(try differences(author.store, Expectation(author.store.sealedChanges())))
    #expect(try author.store.conversation(least)?.messages.isEmpty == true)
    #expect(try author.store.message(id)?.conversation == greatest)
    #expect(try author.store.end(of: id) != nil)
  }

  @Test("Exports that contradict each other can close a circle, which every replica reads alike")
  func circles() throws {
    let folder = try TemporaryFolder()
    var author = try importing(folder)
    try author.store.write(
      [
        message(0, after: [5], updated: 2, by: &author), message(5, after: [], updated: 1, by: &author),
        message(2, after: [5], by: &author), message(3, after: [2], line: .started, by: &author),
        message(1, after: [0, 2], by: &author),
      ], wall: author.wall)
    expectAgreement(try differences(author.store, Expectation(author.store.sealedChanges())))
    for line in [LinePlacement.continued, .started] {
      let updated: Int64 = line == .started ? 3 : 2
      try author.store.write([message(5, after: [0], line: line, updated: updated, by: &author)], wall: author.wall)
      expectAgreement(try differences(author.store, Expectation(author.store.sealedChanges())))
      try author.say("and on", in: Self.imported)
      expectAgreement(try differences(author.store, Expectation(author.store.sealedChanges())))
      #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
    }
  }
}
