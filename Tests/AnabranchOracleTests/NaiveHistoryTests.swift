import AnabranchCore
import AnabranchOracle
import AnabranchTestSupport
import AnabranchWire
import SeededRandom
import Testing

@Suite("The slow reading of a history")
struct NaiveHistoryTests {
  @Test("Neither order nor batches of delivery change the state", arguments: UInt64(0)..<25)
  func deliveryDoesNotMatter(seed: UInt64) {
    let generated = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    let reference = NaiveHistory(generated.changes)
    for _ in 0..<3 {
      let delivered = generated.delivery(using: &random)
      let again = NaiveHistory(delivered + delivered.prefix(10))
      #expect(again.stateHash == reference.stateHash)
      #expect(again.conversations == reference.conversations)
      #expect(again.frontier == reference.frontier)
    }
    #expect(reference.vector == generated.vector)
    #expect(reference.changes.count == generated.changes.count)
  }

  @Test("A change without its past has no effect", arguments: UInt64(100)..<110)
  func pastIsNeeded(seed: UInt64) throws {
    let generated = HistoryGenerator.history(seed: seed)
    var random = RandomStream(seed: seed)
    let picked = random.pick(generated.changes)
    let missing = try #require(picked).change.id
    let whole = NaiveHistory(generated.changes)
    let part = NaiveHistory(generated.changes.filter { $0.change.id != missing })
    let expected = whole.changes.filter { whole.pasts[$0.id]?.contains(missing) == false }
    #expect(part.changes == expected)
    #expect(part.stateHash == NaiveHistory(expected).stateHash)
  }

  @Test("The frontier is the least set whose past is everything", arguments: UInt64(200)..<210)
  func frontierIsMinimal(seed: UInt64) {
    let history = NaiveHistory(HistoryGenerator.history(seed: seed).changes)
    let covered = history.frontier.reduce(into: Set<ChangeID>()) { $0.formUnion(history.pasts[$1] ?? []) }
    #expect(covered == Set(history.changes.map(\.id)))
    for head in history.frontier {
      #expect(history.pasts.filter { $0.value.contains(head) }.map(\.key) == [head])
    }
  }

  @Test("Redaction leaves the state hash as it is", arguments: UInt64(300)..<310)
  func redactionKeepsTheHash(seed: UInt64) {
    let generated = HistoryGenerator.history(seed: seed)
    let redacted = generated.changes.map { $0.redacted { _ in true } }
    #expect(NaiveHistory(redacted).stateHash == NaiveHistory(generated.changes).stateHash)
  }

  @Test("What is read back from the bytes means the same as what was sealed", arguments: UInt64(400)..<410)
  func bytesMeanTheSame(seed: UInt64) throws {
    let generated = HistoryGenerator.history(seed: seed)
    var heads = generated.headers.mapValues { LogHead(sequence: 0, hash: $0.foundingHash) }
    let read = try generated.changes.map { sealed in
      let log = sealed.change.id.log
      let context = try #require(heads[log].flatMap { SealedChange.Context(after: $0, in: log) })
      let change = try SealedChange(bytes: sealed.bytes, context: context)
      heads[log] = LogHead(sequence: context.id.sequence, hash: change.hash)
      #expect(change == sealed)
      return change
    }
    #expect(NaiveHistory(read).stateHash == NaiveHistory(generated.changes).stateHash)
  }

  @Test("The generator reaches every part of the model")
  func generatorCoverage() {
    var kinds: Set<UInt32> = []
    var seen: Set<String> = []
    for seed in UInt64(500)..<580 {
      let generated = HistoryGenerator.history(seed: seed)
      for change in generated.changes {
        kinds.formUnion(change.change.operations.map(\.envelope.kind.rawValue))
        if change.change.dependencies.count > 1 { seen.insert("several dependencies") }
      }
      let history = NaiveHistory(generated.changes)
      if history.conversations.count < history.listed.count { seen.insert("purged conversation") }
      for conversation in history.conversations {
        if !conversation.folders.isEmpty { seen.insert("folders") }
        if conversation.fields.count > 1 { seen.insert("fields") }
        if history.conflictingFields(of: conversation.id) > 0 { seen.insert("conflicting fields") }
        if history.unread(in: conversation.id, by: nil) ?? 0 > 0 { seen.insert("unread") }
        if !conversation.draft.isEmpty { seen.insert("draft") }
        if !conversation.notes.isEmpty { seen.insert("notes") }
        if conversation.isHidden { seen.insert("hidden") }
        if Set(conversation.titles).count > 1 { seen.insert("conflicting titles") }
        if !conversation.diverged.isEmpty { seen.insert("diverged") }
        if conversation.tags.count > 1 { seen.insert("tags") }
        if conversation.titles.isEmpty, conversation.title != nil { seen.insert("source title") }
        for message in conversation.messages {
          if message.parents.count > 1 { seen.insert("rejoin") }
          if history.hasPastPurge(of: message.id) { seen.insert("purged past") }
          if message.isPurged { seen.insert("purged message") }
          if message.isPinned { seen.insert("pinned message") }
          if message.edits > 1 { seen.insert("several edits") }
          if message.line == message.id { seen.insert("branch") }
        }
      }
    }
    #expect(kinds.isSuperset(of: 1...16))
    #expect(kinds.contains { $0 > 16 })
    #expect(
      seen == [
        "several dependencies", "hidden", "conflicting titles", "diverged", "tags", "source title", "rejoin",
        "several edits", "branch", "draft", "notes", "purged conversation", "purged message", "folders", "fields",
        "conflicting fields", "unread", "pinned message", "purged past",
      ])
  }

  @Test("The same seed gives the same bytes")
  func generatorIsDeterministic() {
    for seed in UInt64(0)..<5 {
      let once = HistoryGenerator.history(seed: seed)
      let again = HistoryGenerator.history(seed: seed)
      #expect(once.changes == again.changes)
      #expect(once.replicas == again.replicas)
    }
  }
}
