import AnabranchCore
import AnabranchOracle
import AnabranchTestSupport
import AnabranchWire
import Testing

/// Histories told by hand, with what must come of them.
@Suite("Stories and what the slow reading makes of them")
struct StoryTests {
  private static let source = ObjectID.imported(Bytes16(high: 9, low: 9))

  private static func only(_ changes: [SealedChange]) throws -> NaiveConversation {
    let conversations = NaiveHistory(changes).conversations
    #expect(conversations.count == 1)
    return try #require(conversations.first)
  }

  @Test("Two titles given apart stand beside each other; who has seen both replaces both")
  func titles() throws {
    var (laptop, phone) = (TestDevice(1), TestDevice(2))
    let id = ObjectID.native(laptop.next())
    let start = laptop.write(.start(created: 5), at: 10)
    let here = laptop.write(.write("here", to: .title, of: id), at: 30)
    let there = phone.write(.write("there", to: .title, of: id), at: 20, after: start)
    #expect(try Self.only([there, here, start]).titles == ["here", "there"])
    let seen = [here, there].map {
      OperationID(log: $0.change.id.log, sequence: $0.change.id.sequence, index: 0)
    }
    let last = phone.write(
      .write("both", to: .title, of: id, replacing: seen), at: 1, after: here)
    let conversation = try Self.only([start, here, there, last])
    #expect(conversation.titles == ["both"] && conversation.title == "both" && conversation.created == 5)
  }

  @Test("A tag added again elsewhere survives the removal of the first")
  func tags() throws {
    var (laptop, phone) = (TestDevice(1), TestDevice(2))
    let id = ObjectID.native(laptop.next())
    let start = laptop.write(.start(created: 5), .tag("red", on: id), .tag("blue", on: id), at: 1)
    let (red, blue) = (start.change.id, UInt32(2))
    let untag = phone.write(
      .untag(
        [
          OperationID(log: red.log, sequence: 1, index: 1),
          OperationID(log: red.log, sequence: 1, index: blue),
        ],
        from: id), at: 2, after: start)
    let again = laptop.write(.tag("red", on: id), at: 3)
    #expect(try Self.only([start, untag]).tags.isEmpty)
    #expect(try Self.only([start, again, untag]).tags == ["red"])
  }

  @Test("What was deleted stays hidden until something its deleter had not seen comes")
  func trash() throws {
    var (laptop, phone) = (TestDevice(1), TestDevice(2))
    let id = ObjectID.native(laptop.next())
    let start = laptop.write(.start(created: 5), .say("hello", in: id), at: 1)
    let trash = phone.write(.trash(id), at: 2, after: start)
    let turn = laptop.write(.say("more", in: id), at: 3)
    #expect(try Self.only([start, trash]).isHidden)
    #expect(try !Self.only([start, trash, turn]).isHidden)
    let restore = phone.write(Draft(kind: .restore, target: id, mutation: .restore), at: 4)
    #expect(try !Self.only([start, trash, restore]).isHidden)
    let again = phone.write(.trash(id), at: 5, after: turn)
    #expect(try Self.only([start, trash, turn, restore, again]).isHidden)
  }

  @Test(
    "Of several imports the newest tells everything; nothing an import tells brings back what was deleted")
  func imports() throws {
    var (laptop, phone) = (TestDevice(1), TestDevice(2))
    let message = Bytes16(high: 1, low: 1)
    let old = laptop.write(
      .imported(Self.source, title: "old", updated: nil, created: 3),
      .imported(message, in: Self.source, text: "first", updated: 4), at: 1)
    let new = phone.write(
      .imported(Self.source, title: "new", updated: 0),
      .imported(message, in: Self.source, text: "second", updated: 5), at: 1)
    for changes in [[old, new], [new, old]] {
      let conversation = try Self.only(changes)
      #expect(conversation.title == "new" && conversation.titles.isEmpty && conversation.created == nil)
      #expect(conversation.messages.map(\.text) == ["second"])
    }
    let trash = laptop.write(.trash(Self.source), at: 2)
    #expect(try Self.only([old, trash, new]).isHidden)
    let named = phone.write(.write("mine", to: .title, of: Self.source), at: 3)
    let conversation = try Self.only([old, trash, new, named])
    #expect(!conversation.isHidden && conversation.title == "mine")
  }

  @Test(
    "A source that says when is newer than one that does not, whatever it says",
    arguments: [("a", "b"), ("b", "a")])
  func undated(without: String, with dated: String) throws {
    var (laptop, phone) = (TestDevice(1), TestDevice(2))
    let draft = Draft.imported(Self.source, title: without, updated: nil)
    let datedDraft = Draft.imported(Self.source, title: dated, updated: 0)
    let (one, other) = (laptop.write(draft, at: 1), phone.write(datedDraft, at: 1))
    let (swapped, again) = (phone.write(draft, at: 2), laptop.write(datedDraft, at: 2))
    #expect(try Self.only([one, other]).title == dated)
    #expect(try Self.only([one, other, swapped, again]).title == dated)
    let (first, second) = (TestDevice(1), TestDevice(2))
    var (early, late) = first.log < second.log ? (second, first) : (first, second)
    #expect(try Self.only([early.write(draft, at: 1), late.write(datedDraft, at: 1)]).title == dated)
  }

  @Test("Lines, tips and a rejoin")
  func lines() throws {
    var (laptop, phone) = (TestDevice(1), TestDevice(2))
    let id = ObjectID.native(laptop.next())
    let first = ObjectID.native(laptop.next(1))
    let start = laptop.write(.start(created: 5), .say("question", in: id, created: 1), at: 1)
    let (mine, theirs, branch) = (
      ObjectID.native(laptop.next()), ObjectID.native(phone.next()), ObjectID.native(phone.next(1))
    )
    let here = laptop.write(.say("here", in: id, after: [first], created: 2), at: 2)
    let there = phone.write(
      .say("there", in: id, after: [first], created: 3),
      .say("otherwise", in: id, after: [first], line: .started, created: 4), at: 2, after: start)
    let apart = try Self.only([start, here, there])
    #expect(apart.diverged == [[mine, theirs]] && apart.tips == [mine, theirs, branch])
    #expect(apart.messages.map(\.line) == [id, id, id, branch])
    let join = laptop.write(.say("both", in: id, after: [mine, theirs], created: 5), at: 9, after: there)
    let joined = try Self.only([start, here, there, join])
    #expect(joined.diverged.isEmpty && joined.tips.count == 2)
    #expect(joined.messages.map(\.text) == ["question", "here", "there", "otherwise", "both"])
  }

  @Test("A body is its chunks, its own content and what was appended, concurrent ends in the order of their logs")
  func bodies() throws {
    var (laptop, phone) = (TestDevice(1), TestDevice(2))
    let id = ObjectID.native(laptop.next())
    let whole = MessageContent(text: "stream").canonicalBytes
    func content(_ bytes: some Sequence<UInt8>) -> Content {
      .present(salt: Bytes16(high: 0, low: 0), bytes: Array(bytes)[...])
    }
    func append(_ text: String, to message: ObjectID, after end: OperationID, at position: UInt32 = 6) -> Draft {
      Draft(
        kind: .appendText, target: message,
        mutation: .appendText(
          AppendText(predecessors: [end], position: position, length: UInt32(text.unicodeScalars.count))),
        content: content(text.utf8))
    }
    let message = OperationID(log: laptop.log, sequence: 1, index: 2)
    var body = Draft.say("", in: id, chunks: [OperationID(log: laptop.log, sequence: 1, index: 1)])
    body.content = content(whole.dropFirst(4))
    let chunk = Draft(kind: .chunk, target: id, mutation: .chunk, content: content(whole.prefix(4)))
    let start = laptop.write(.start(created: 1), chunk, body, at: 1)
    let late = phone.write(append(" late", to: .native(message), after: message), at: 9, after: start)
    let end = laptop.next()
    let early = laptop.write(append(" early", to: .native(message), after: message), at: 8)
    let after = laptop.write(append(" after", to: .native(message), after: end, at: 12), at: 10)
    let read = try Self.only([after, late, early, start])
    #expect(
      read.messages.map(\.text) == [laptop.log < phone.log ? "stream early after late" : "stream late early after"])
    let redacted = try Self.only([start.redacted { $0 == 1 }, early])
    #expect(redacted.messages.map(\.base) == [nil])
    #expect(redacted.messages.map(\.text) == [""], "as a store has it: nothing stands on what is not there")
  }

  @Test("Messages of a conversation nobody started are items, but no conversation is listed")
  func unlisted() {
    var laptop = TestDevice(1)
    let change = laptop.write(.say("lost", in: Self.source), at: 1)
    let history = NaiveHistory([change])
    #expect(history.conversations.isEmpty && history.items.count == 1)
    #expect(history.conversation(Self.source).messages.count == 1)
  }

  @Test("What cannot be understood, or lacks its target, has no effect")
  func withoutEffect() {
    var laptop = TestDevice(1)
    let change = laptop.write(
      Draft(kind: OperationKind(rawValue: 99), target: Self.source, mutation: .unknown),
      Draft(kind: .restore, target: nil, mutation: .restore),
      Draft(kind: .trash, target: nil, mutation: .trash),
      Draft(kind: .addElement, target: nil, mutation: .addElement(AddElement(set: .tags))), at: 1)
    let history = NaiveHistory([change])
    #expect(history.items.isEmpty && history.stateHash == NaiveHistory([SealedChange]()).stateHash)
    #expect(history.vector.changes == 1)
  }
}
