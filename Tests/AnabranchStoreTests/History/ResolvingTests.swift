import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("Beginnings of identifiers")
struct ResolvingTests {
  @Test(
    "Every object is found by every beginning of four digits or more, and nothing else",
    arguments: UInt64(0)..<12)
  func everyPrefix(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store()
    var random = RandomStream(seed: seed)
    try store.receive(history.changes, of: history, using: &random)
    var kinds: [ObjectID: ObjectKind] = [:]
    for sealed in history.changes {
      for operation in sealed.change.operations {
        let id = ObjectID.native(
          OperationID(log: sealed.change.id.log, sequence: sealed.change.id.sequence, index: operation.index))
        switch operation.mutation {
        case .createConversation: kinds[id] = .conversation
        case .createMessage: kinds[id] = .message
        case .importConversation: if let target = operation.envelope.target { kinds[target] = .conversation }
        case .importMessage(let source): kinds[.imported(source.message)] = .message
        case .addElement(let add) where add.set == .attachments: kinds[id] = .attachment
        default: break
        }
      }
    }
    for (id, kind) in kinds {
      for digits in 4...32 {
        let prefix = String(id.description.prefix(digits))
        let found = try #require(try store.candidates(prefix: digits == 7 ? prefix.uppercased() : prefix))
        let expected = kinds.filter { $0.key.description.hasPrefix(prefix) }
        #expect(found.map(\.id) == expected.keys.sorted())
        #expect(found.first { $0.id == id }?.kind == kind)
      }
    }
    // What was only referred to is no object.
    for object in history.changes.flatMap({ $0.change.operations }).compactMap(\.envelope.target) {
      #expect(try store.candidates(prefix: object.description)?.isEmpty == (kinds[object] == nil))
    }
  }

  @Test("An ambiguous beginning lists its candidates, up to a limit")
  func ambiguous() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    var ids: [ObjectID] = []
    // Conversations whose names start alike, by brute force.
    var names: [String: [String]] = [:]
    for number in 0..<3_000 {
      let id = ObjectID.imported(Hashing.imported(source: "test", path: ["c\(number)"]))
      names[String(id.description.prefix(2)), default: []].append("c\(number)")
    }
    let alike = try #require(names.values.max { $0.count < $1.count })
    for name in alike { ids.append(try author.importMessage("text", named: "m", in: name).conversation) }
    let byPrefix = Dictionary(grouping: ids) { String($0.description.prefix(4)) }
    for (prefix, same) in byPrefix {
      #expect(
        try author.store.candidates(prefix: prefix)?.filter { $0.kind == .conversation }.map(\.id) == same.sorted())
    }
    // One change of very many messages: their names differ in the index only.
    let conversation = try author.start("title")
    let drafts = (0..<200).map { author.message("\($0)", in: conversation, after: []) }
    let written = try author.store.write(drafts, wall: author.wall).map(ObjectID.native).sorted()
    let prefix = String(written[0].description.prefix(8))
    #expect(try author.store.candidates(prefix: prefix, limit: 500)?.map(\.id) == written)
    #expect(try author.store.candidates(prefix: prefix)?.map(\.id) == Array(written.prefix(16)))
    #expect(try author.store.candidates(prefix: prefix, limit: 1)?.count == 1)
  }

  @Test(
    "What is no beginning of an identifier is none",
    arguments: [
      "", "a", "abc", "abcg", "ab c", "0x12", "-1234", "１２３４", "éééé", "abcd\0",
      "12345678901234567890123456789012a", "*", "%%%%",
    ])
  func junk(text: String) throws {
    let folder = try TemporaryFolder()
    let author = try Author(folder.store())
    #expect(try author.store.candidates(prefix: text) == nil)
  }

  @Test("A beginning of nothing finds nothing")
  func nothing() throws {
    let folder = try TemporaryFolder()
    #expect(try folder.store().candidates(prefix: "0000") == [])
    #expect(try folder.store().candidates(prefix: "ffffffffffffffffffffffffffffffff") == [])
  }
}
