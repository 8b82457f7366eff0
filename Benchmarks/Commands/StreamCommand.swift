internal import Anabranch
internal import AnabranchCore
internal import AnabranchStore
internal import ArgumentParser
internal import Foundation

/// What a streamed answer costs in the log, beside its words.
struct StreamCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream", abstract: "Streams an answer in small pieces, in virtual time.",
    discussion: """
      Each piece is durable at once, in the open change, which is sealed every two seconds. Counted are the canonical \
      bytes of all changes of the message, its own included, salts with them, and 64 for each signature of theirs that \
      the database keeps in the end; on the wire, for each change that is sent by itself.
      """)

  @OptionGroup var scratch: ScratchFolder

  @Option(help: "Pieces.")
  var chunks = 2_000

  @Option(help: "Bytes of each.")
  var bytes = 4

  @Option(help: "Pieces a second.")
  var rate = 50

  private static let signatureBytes = 64

  func validate() throws {
    guard chunks > 0, bytes > 0, (1...1_000).contains(rate) else {
      throw ValidationError("expected pieces, bytes in them, and 1 to 1,000 of them a second")
    }
  }

  func run() async throws {
    defer { scratch.remove() }
    let clock = CorpusClock()
    clock.set(1_700_000_000_000)
    let home = Home(scratch.path)
    try await Replica.create(at: home, name: "a", surroundings: clock.surroundings).close()
    let replica = try await Replica.open(at: home, surroundings: clock.surroundings, durability: .normal)
    let conversation = try await replica.newConversation()
    let question = try await replica.say("why?", in: conversation)
    let before = try await replica.message(question).message.operation.sequence
    let message = try await replica.beginMessage(in: conversation)
    for chunk in 1...chunks {
      clock.set(1_700_000_000_000 + Int64(chunk * 1_000 / rate))
      try await replica.append(String(repeating: "a", count: bytes), to: message)
      if chunk.isMultiple(of: 2 * rate) { try await replica.finishMessage(message) }
    }
    try await replica.finishMessage(message)
    try await replica.close()
    try report(home, after: before)
  }

  private func report(_ home: Home, after before: UInt32) throws {
    let report = Report(bench: "stream", configuration: "\(chunks)x\(bytes)-\(rate)/s")
    let store = try Store(at: home.path + "/history.sqlite", access: .read)
    let changes = try store.changes(missingFrom: VersionVector(), bytesMax: .max).changes
      .filter { $0.id.sequence > before }
    guard let log = store.ownLog else { throw ValidationError("expected a replica with a log of its own") }
    let checkpoints = try store.signedSequences(of: log).count { $0 > before }
    try store.close()
    let canonical = changes.reduce(0) { $0 + $1.bytes.count }
    let words = chunks * bytes
    try report.value("text", "B", words)
    try report.value("changes", "changes", changes.count)
    try report.value("canonical", "B", canonical)
    try report.value("checkpoints", "signatures", checkpoints)
    let kept = canonical + checkpoints * Self.signatureBytes
    let sent = canonical + changes.count * Self.signatureBytes
    try report.value("at_rest", "B", kept)
    try report.value("at_rest_per_mille", "‰", kept * 1_000 / words)
    try report.value("sent_live", "B", sent)
    try report.value("sent_live_per_mille", "‰", sent * 1_000 / words)
  }
}
