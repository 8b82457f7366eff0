import AnabranchCore
import AnabranchTestSupport
import AnabranchWire
import GRDB
import Testing

@testable import AnabranchStore
@testable import AnabranchSync

@Suite("Text that is not sealed yet")
struct OpenChangeTests {
  @Test("Survives the end of the process, and is sealed under the names it was given", arguments: 0..<6)
  func survives(pieces: Int) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    let message = try author.say("so", in: conversation, role: .assistant)
    var names: [OperationID] = []
    for piece in 0..<pieces { names.append(try author.stream(" \(piece)\u{0}é", to: message)) }
    let text = (0..<pieces).reduce("so") { "\($0) \($1)\u{0}é" }
    let hash = try author.store.stateHash()

    author = try author.reopened(folder.store())
    #expect(author.store.hasOpenChange == (pieces > 0))
    #expect(try author.store.stateHash() == hash)
    #expect(try author.store.message(message)?.message.content?.text == text)
    let end = try #require(try author.store.end(of: message))
    #expect(end.length == UInt32(text.unicodeScalars.count))

    let sealed = try author.store.sealOpenChange(wall: author.wall)
    #expect((sealed != nil) == (pieces > 0))
    #expect(try author.store.message(message)?.message.content?.text == text)
    for name in names { #expect(name.change == sealed) }
    // The pieces follow each other, so they became one operation, which has the names of all.
    let last = try #require(try author.store.sealedChanges().last)
    if pieces > 0 {
      #expect(last.change.operations.count == 1)
      #expect(names.map(\.index) == (0..<pieces).map { UInt32($0 * 4) })
      #expect(last.change.operations[0].envelope.span == UInt32(pieces * 4))
    }
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("Is sealed by itself once it is full, and before any other write")
  func isSealedInTime() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    let message = try author.say("", in: conversation, role: .assistant)
    let piece = String(repeating: "long ", count: 4_000)
    var isOpen: [Bool] = []
    for _ in 0..<4 {
      try author.stream(piece, to: message)
      isOpen.append(author.store.hasOpenChange)
    }
    #expect(isOpen == [true, true, true, false])
    try author.stream("end", to: message)
    try author.title(conversation, "another")
    #expect(author.store.hasOpenChange == false)
    let own = try #require(author.store.ownLog)
    #expect(author.store.vector[own] == 6)
    #expect(
      try author.store.message(message)?.message.content?.text == String(repeating: piece, count: 4) + "end")
  }

  @Test("Text that is not the next change of this replica's log is damage", arguments: [-1, 1, 1 << 32])
  func misplaced(by offset: Int64) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let message = try author.say("so", in: try author.start("title"), role: .assistant)
    try author.stream(" far", to: message)
    try author.store.close()
    try folder.sqlite { try $0.execute(sql: "UPDATE open_change SET id = id + \(offset)") }
    for access in [Store.Access.create, .write] {
      let error = #expect(throws: StoreError.self) { try folder.store(access: access) }
      #expect(error?.code == .damaged && error?.remedy.isEmpty == false)
    }
    guard offset < 1 << 32 else {
      // Nobody can read what belongs to a log that there is not.
      #expect(throws: StoreError.self) { try folder.store(access: .read) }
      return
    }
    let reader = try folder.store(access: .read)
    let faults = try reader.verify(scratch: folder.file("scratch")).messages
    #expect(faults.contains { $0.contains("not the next") })
    // Of one that stands further on, the change between is lost.
    #expect(faults.count == (offset > 0 ? 2 : 1), "\(faults)")
    try reader.backUp(to: folder.file("backup"))
    let restored = try Store(at: folder.file("backup"))
    #expect(restored.hasOpenChange == false && restored.vector == reader.vector)
  }

  @Test("Text that was sealed, and stands there unsealed too, is read once")
  func sealedAndOpen() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let message = try author.say("so", in: try author.start("title"), role: .assistant)
    try author.stream(" far", to: message)
    let (opened, drafts) = try author.store.queue.inDatabase { db in
      (
        try Row.fetchAll(db, sql: "SELECT * FROM open_change"),
        try Row.fetchAll(db, sql: "SELECT * FROM open_operation")
      )
    }
    try author.store.sealOpenChange(wall: author.wall)
    try author.store.close()
    try folder.sqlite { db in
      for (table, rows) in [("open_change", opened), ("open_operation", drafts)] {
        for row in rows {
          let marks = row.columnNames.map { _ in "?" }.joined(separator: ", ")
          try db.execute(
            sql: "INSERT INTO \(table)(\(row.columnNames.joined(separator: ", "))) VALUES(\(marks))",
            arguments: StatementArguments(row.databaseValues))
        }
      }
    }
    let error = #expect(throws: StoreError.self) { try folder.store(access: .write) }
    #expect(error?.code == .damaged && error?.remedy.contains("inspect check") == true)
    let reader = try folder.store(access: .read)
    #expect(try reader.message(message)?.message.content?.text == "so far")
    let found = try reader.verify(scratch: folder.file("scratch"))
    #expect(found.faults.count == 1 && found.changes == reader.vector.changes)
  }

  @Test("What could not be sealed is not taken")
  func refusesWhatCannotBeSealed() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    let message = try author.say("so", in: conversation)
    let end = try #require(try author.store.end(of: message)?.operations[0])
    let tooMany = [OperationID](repeating: end, count: Limits.referencesMax + 1)
    let drafts = [
      Draft(
        kind: .appendText, target: message,
        mutation: .appendText(AppendText(predecessors: tooMany, position: 2, length: 1)),
        content: author.content("x")),
      Draft(
        kind: .appendText, target: message,
        mutation: .appendText(AppendText(predecessors: [end], position: 2, length: 300_000)),
        content: author.content(String(repeating: "x", count: 300_000))),
    ]
    for draft in drafts {
      let error = #expect(throws: StoreError.self) { try author.store.append(draft, wall: author.wall) }
      #expect(error?.code == .limit)
      #expect(author.store.hasOpenChange == false)
    }
    try author.stream("!", to: message)
    try author.store.sealOpenChange(wall: author.wall)
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
  }

  @Test("Where a copy of this database wrote in its place, both are kept, and it goes on elsewhere")
  func copiedDatabase() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store("1"))
    let conversation = try author.start("title")
    let message = try author.say("so", in: conversation)
    let copy = try folder.store("2")
    try copy.pull(from: author.store)
    // Another program goes on under the same log.
    let own = try #require(author.store.ownLog)
    try copy.transaction { db, state in
      state.own = own
      try state.saveFrontier(db)
    }
    try copy.write(
      [author.message("elsewhere", in: conversation, after: [message])], wall: author.wall)
    try author.stream(" here", to: message)

    var read = ReadBatch()
    let header = try #require(copy.header(of: own))
    for change in try copy.changes(missingFrom: author.store.vector, bytesMax: .max).changes {
      read.append(change.id, header: header, bytes: change.bytes)
    }
    let receipt = try author.store.receive(IncomingBatch(read), wall: author.wall)
    #expect(receipt.applied == 1 && !receipt.forks.isEmpty && receipt.excluded.isEmpty)
    #expect(try author.store.message(message)?.message.content?.text == "so here")
    #expect(try author.store.conversation(conversation)?.messages.count == 2)
    #expect(author.store.ownLog != own && !author.store.hasOpenChange)
    try author.stream("!", to: message)
    #expect(try author.store.message(message)?.message.content?.text == "so here!")
  }
}
