import AnabranchCore
import AnabranchOracle
import AnabranchTestSupport
import AnabranchWire
import Foundation
import GRDB
import SeededRandom
import Testing

@testable import AnabranchStore

@Suite("Nothing is left of what was purged")
struct ErasureTests {
  /// A word that nothing else has: as the search's index keeps it, too.
  private static func secret(_ random: inout RandomStream) -> String {
    String((0..<18).map { _ in random.pick(Array("bcdfghjklmnpqrstvwxz")) ?? "q" })
  }

  /// A history that several authors wrote in turn: so that pages of the log are filled anew again and again.
  private struct Shared {
    var authors: [Author] = []
    var conversations: [ObjectID] = []
    /// What each conversation says that nothing else does.
    var secrets: [ObjectID: [String]] = [:]
    var random: RandomStream

    init(_ folder: TemporaryFolder, seed: UInt64) throws {
      random = RandomStream(seed: seed)
      for number in 0..<3 {
        authors.append(try Author(folder.store("\(number).sqlite"), seed: seed &* 10 + UInt64(number)))
      }
    }

    mutating func exchange() throws {
      for reader in authors.indices {
        for writer in authors.indices where writer != reader {
          try authors[reader].store.pull(from: authors[writer].store)
        }
      }
    }

    mutating func word(in conversation: ObjectID) -> String {
      let word = ErasureTests.secret(&random)
      secrets[conversation, default: []].append(word)
      return word + " " + random.words(0...random.one(of: 10, 60, 300, 1_500))
    }

    /// A person does one of the things that leave words behind.
    mutating func act(_ author: Int) throws {
      guard let conversation = random.pick(conversations), !random.chance(1, in: 12) else {
        let id = try authors[author].start()
        conversations.append(id)
        return try authors[author].title(id, word(in: id))
      }
      guard try authors[author].store.summary(of: conversation) != nil else { return }
      let text = word(in: conversation)
      switch random.number(in: 0...12) {
      case 0: try authors[author].title(conversation, text)
      case 1: try authors[author].tag(conversation, String(text.prefix(40)))
      case 2:
        let tags = try authors[author].store.elements(of: .tags, on: conversation).elements
        if let tag = tags.first { try authors[author].untag(conversation, String(decoding: tag, as: UTF8.self)) }
      case 3: try edit(.notes, of: conversation, text, author)
      case 4:
        guard let message = try authors[author].store.conversation(conversation)?.messages.last else { return }
        try edit(.body, of: message.id, text, author)
      case 5:
        guard let message = try authors[author].store.conversation(conversation)?.messages.last else { return }
        try authors[author].stream(text, to: message.id)
        if random.chance(1, in: 2) { try authors[author].store.sealOpenChange(wall: someWall) }
      case 6:
        let draft = Draft(
          kind: OperationKind(rawValue: 999), target: conversation, mutation: .unknown,
          content: authors[author].content(text))
        try authors[author].store.write([draft], wall: someWall)
      default: try authors[author].say(text, in: conversation)
      }
    }

    private mutating func edit(_ text: TextKind, of object: ObjectID, _ words: String, _ author: Int) throws {
      let store = authors[author].store
      try store.sealOpenChange(wall: someWall)
      guard let now = try store.text(text, of: object) else { return }
      var edits = TextEdits()
      if now.count > 3 { edits.delete(0..<2) }
      edits.insert(words, at: 0)
      _ = try store.edit(
        edits, of: text, in: object, seen: now.version, salt: random.bytes16(), wall: someWall)
      try store.sealOpenChange(wall: someWall)
    }
  }

  /// Does all that is due.
  private static func erase(_ store: Store, wall: Int64 = someWall + 2 * Purge.graceMs) throws {
    while try store.eraseStep(wall: wall) == .more {}
  }

  /// The secrets that occur in any byte of the files in `folder`; also their ends, since an index keeps the beginning
  /// that two words share only once.
  private static func found(_ secrets: [String], in folder: TemporaryFolder, named name: String) throws -> [String] {
    var found: [String] = []
    for file in try folder.names where file.hasPrefix(name) {
      let bytes = try folder.bytes(of: file)
      found += secrets.filter { bytes.range(of: Data($0.suffix(10).utf8)) != nil }.map { "\($0) in \(file)" }
    }
    return found
  }

  @Test("The words of purged conversations occur in no byte of any replica's files", arguments: UInt64(3)..<6)
  func noByteIsLeft(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var shared = try Shared(folder, seed: seed)
    for turn in 0..<300 {
      try shared.act(shared.random.number(in: 0...2))
      if turn.isMultiple(of: 5) { try shared.exchange() }
      if turn.isMultiple(of: 40) { for author in shared.authors { _ = try author.store.indexStep(limit: 200) } }
    }
    for author in shared.authors { try author.store.sealOpenChange(wall: someWall) }
    try shared.exchange()
    for author in shared.authors { while try author.store.indexStep() {} }

    let taken = Set(shared.random.shuffled(shared.conversations).prefix(shared.conversations.count / 3))
    let secrets = taken.flatMap { shared.secrets[$0] ?? [] }
    for conversation in taken.sorted() {
      let draft = Draft(kind: .purge, target: conversation, mutation: .purge(Purge(isImmediate: false)))
      try shared.authors[0].store.write([draft], wall: someWall)
    }
    try shared.exchange()
    let hash = try shared.authors[0].store.stateHash()
    for (number, author) in shared.authors.enumerated() {
      #expect(try !Self.found(secrets, in: folder, named: "\(number).sqlite").isEmpty)
      for secret in secrets.prefix(5) { #expect(try author.store.search(secret).isEmpty) }
      #expect(try author.store.eraseStep(wall: someWall) == .idle)
      try Self.erase(author.store)
      #expect(try Self.found(secrets, in: folder, named: "\(number).sqlite") == [])
      #expect(try author.store.stateHash() == hash)
    }
    // Nor does it come back by what is written later.
    for _ in 0..<100 { try shared.act(shared.random.number(in: 0...2)) }
    for author in shared.authors { try author.store.sealOpenChange(wall: someWall) }
    try shared.exchange()
    let kept = shared.secrets.filter { !taken.contains($0.key) }
    for (number, author) in shared.authors.enumerated() {
      while try author.store.indexStep() {}
      try author.store.checkpoint()
      #expect(try Self.found(secrets, in: folder, named: "\(number).sqlite") == [])
      let verification = try author.store.verify(scratch: folder.file("scratch"))
      #expect(verification.faults == [])
      for secret in kept.values.compactMap(\.last).prefix(20) where try !author.store.search(secret).isEmpty {
        #expect(try Self.found([secret], in: folder, named: "\(number).sqlite") != [])
      }
      guard number == 0 else { continue }
      expectAgreement(try differences(author.store, Expectation(author.store.sealedChanges())))
    }
  }

  @Test("What comes to a purge that waits for its day waits too; what comes after that day goes at once")
  func whatComesLate() throws {
    let folder = try TemporaryFolder()
    var here = try Author(folder.store("here.sqlite"), seed: 1)
    var there = try Author(folder.store("there.sqlite"), seed: 2)
    let chat = try here.start("Salaries: gybhnjmkzq")
    try there.store.pull(from: here.store)
    try here.store.write(
      [Draft(kind: .purge, target: chat, mutation: .purge(Purge(isImmediate: false)))], wall: someWall)
    let due = try here.store.nextErasure()
    try there.say("a late gybhnjmkzq", in: chat)
    try here.store.pull(from: there.store)
    #expect(try here.store.nextErasure() == due)
    #expect(try here.store.eraseStep(wall: someWall) == .idle)
    #expect(try Self.found(["gybhnjmkzq"], in: folder, named: "here.sqlite") != [])
    try here.store.rebuildViews()
    #expect(try here.store.nextErasure() == due)
    try Self.erase(here.store)
    #expect(try Self.found(["gybhnjmkzq"], in: folder, named: "here.sqlite") == [])
    try there.say("later still: gybhnjmkzq", in: chat)
    try here.store.pull(from: there.store)
    #expect(try here.store.nextErasure() == 0)
    try Self.erase(here.store, wall: someWall)
    #expect(try Self.found(["gybhnjmkzq"], in: folder, named: "here.sqlite") == [])
  }

  @Test("A damaged database that a person puts beside it, before whichever step, stays, and the erasure waits for it")
  func keptFileThatComesMeanwhile() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store("here.sqlite"), seed: 1)
    let chat = try author.start("Salaries: gybhnjmkzq")
    while try author.store.indexStep() {}
    try author.store.write(
      [Draft(kind: .purge, target: chat, mutation: .purge(Purge(isImmediate: true)))], wall: someWall)
    let kept = URL(filePath: author.store.path + Store.keptMark + "20260101T000000Z")
    var steps = 0
    repeat {
      try Data("all that is left".utf8).write(to: kept)
      #expect(try author.store.eraseStep(wall: someWall) == .waiting, "at step \(steps)")
      #expect(FileManager.default.fileExists(atPath: kept.path), "at step \(steps)")
      try? FileManager.default.removeItem(at: kept)
      steps += 1
    } while try author.store.eraseStep(wall: someWall) == .more && author.store.nextErasure() != nil
    #expect(steps > 4)
    #expect(try author.store.eraseStep(wall: someWall) == .idle)
    #expect(try Self.found(["gybhnjmkzq"], in: folder, named: "here.sqlite") == [])
  }

  @Test("A purge to be carried out whose name a disk has altered is found")
  func alteredName() throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let chat = try author.start("Salaries")
    try author.store.write(
      [Draft(kind: .purge, target: chat, mutation: .purge(Purge(isImmediate: false)))], wall: someWall)
    #expect(try author.store.verify(scratch: folder.file("scratch")).faults == [])
    try author.store.transaction { db, _ in try db.execute(sql: "UPDATE erasure SET purge = purge + 524288") }
    let faults = try author.store.verify(scratch: folder.file("scratch")).messages
    #expect(faults.count == 1 && faults[0].contains("a purge is to be carried out that is not held"), "\(faults)")
  }

  @Test("Erased at any moment, a replica reads, sends and adds up to the same", arguments: UInt64(0)..<60)
  func atAnyMoment(seed: UInt64) throws {
    let history = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    let folder = try TemporaryFolder()
    let store = try folder.store("first.sqlite")
    var rest = history.delivery(using: &random)[...]
    while !rest.isEmpty {
      let batch = rest.prefix(random.number(in: 1...12))
      rest = rest.dropFirst(batch.count)
      try store.receive(Array(batch), of: history, using: &random)
      if random.chance(1, in: 3) { _ = try store.indexStep(limit: random.number(in: 1...30)) }
      // A few steps of it: more may come before all is done.
      for _ in 0..<random.number(in: 0...6) { _ = try store.eraseStep(wall: .max) }
    }
    try Self.erase(store, wall: .max)
    let expectation = Expectation(history.changes)
    expectAgreement(try differences(store, expectation))
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])

    // Who gets it from there holds the same changes, without what was taken.
    let second = try folder.store("second.sqlite")
    try second.pull(from: store)
    expectAgreement(try differences(second, expectation))
    #expect(second.logHash == store.logHash)
    let taken = try Set(store.sealedChanges().flatMap(\.change.operations).filter { $0.isAbsent }.map(\.contentHash))
    #expect(taken == Self.contents(purgedIn: history))

    let dumps = try store.conversationDumps()
    try store.rebuildViews()
    #expect(try store.conversationDumps() == dumps)
    try Self.erase(store, wall: .max)
    #expect(try store.verify(scratch: folder.file("scratch")).faults == [])
  }

  /// The hashes of all contents that a purge takes, by the definition.
  private static func contents(purgedIn history: GeneratedHistory) -> Set<Digest> {
    let oracle = NaiveHistory(history.changes)
    var hashes: Set<Digest> = []
    for applied in oracle.operations where oracle.isTaken(applied) || oracle.isPastTaken(applied) {
      hashes.insert(applied.operation.contentHash)
      for chunk in applied.mutation.chunks {
        hashes.formUnion(oracle.operations.filter { $0.id == chunk }.map(\.operation.contentHash))
      }
    }
    return hashes.subtracting([.zero])
  }
}

extension AnabranchCore.Operation {
  fileprivate var isAbsent: Bool {
    if case .absent = envelope.content { true } else { false }
  }
}
