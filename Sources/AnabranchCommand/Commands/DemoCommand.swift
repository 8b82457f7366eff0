internal import Anabranch
internal import ArgumentParser

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "See three devices diverge and merge, in a temporary folder.")

  @OptionGroup var options: GlobalOptions

  private struct Report: Encodable {
    var conversation: String
    var title: String?
    var titles: [TitleReport]
    var trashed: Bool
    var diverged: Int
    var stateHashes: [String: String]
    var equal: Bool
  }

  func run() async throws {
    let options = options
    try await Signals.cancelling {
      let stage = try await DemoStage()
      do {
        try await Self.play(on: stage, options)
      } catch {
        await stage.strike()
        throw error
      }
      await stage.strike()
    }
  }

  private static func play(on stage: DemoStage, _ options: GlobalOptions) async throws {
    let script = DemoScript(style: options.output.style, isSilent: options.json)
    try await meet(stage, script)
    try script.heading("Phone and Desktop go offline, and everybody goes on")
    let id = try await stage.conversation()
    try await diverge(stage, id, script)

    try script.heading("They meet again")
    try script.exchanges(try await stage.syncAll())
    let record = try await stage.laptop.conversation(id)
    let names = try await stage.laptop.logNames()
    try script.show(ConversationView(record, names: names, style: options.output.style).text)

    try script.heading("What happened, and why")
    try script.explain(record, names)
    let hashes = try await stateHashes(of: stage)
    try script.states(stage.devices.map { ($0.name, hashes[$0.name] ?? "") })
    try end(options, record, hashes)
  }

  /// Lets the devices meet, one of which has a history.
  static func meet(_ stage: DemoStage, _ script: DemoScript) async throws {
    try script.heading("Three devices of one person, and a history on one of them")
    let summary = try await stage.importHistory()
    try script.say("Laptop imports an export: \(summary.conversations) conversations, \(summary.messages) messages.")
    try script.say("Phone and Desktop sync with it over TCP.")
    try script.exchanges(try await stage.syncAll())
  }

  private static func stateHashes(of stage: DemoStage) async throws -> [String: String] {
    [
      "Laptop": try await stateHash(of: stage.laptop), "Phone": try await stateHash(of: stage.phone),
      "Desktop": try await stateHash(of: stage.desktop),
    ]
  }

  private static func stateHash(of replica: Replica) async throws -> String {
    try await replica.status().stateHash.description
  }

  private static func end(
    _ options: GlobalOptions, _ record: ConversationRecord, _ hashes: [String: String]
  ) throws {
    let isEqual = Set(hashes.values).count == 1
    if options.json {
      let report = Report(
        conversation: record.summary.id.description, title: record.summary.title,
        titles: record.titles.map(TitleReport.init), trashed: record.summary.trashed,
        diverged: record.summary.diverged, stateHashes: hashes, equal: isEqual)
      try options.output.print(report) { _ in "" }
    }
    try Task.checkCancellation()
    guard isEqual else { throw AnabranchError(.damaged, "the three state hashes differ") }
  }

  /// What each device does on its own.
  static func diverge(_ stage: DemoStage, _ id: ObjectID, _ script: DemoScript) async throws {
    try await stage.laptop.say("Which tram goes up to Graça?", in: id)
    try await stage.laptop.say("The 28, early, before the queues.", in: id, as: .assistant, model: "gpt-4o")
    try script.act("Laptop", "asks about trams, and gets an answer")
    try await nextMillisecond()
    try await stage.phone.say("Is October rainy there?", in: id)
    try await stage.phone.say("Some showers. Bring a light jacket.", in: id, as: .assistant, model: "claude")
    try script.act("Phone", "asks about the weather, in the same conversation")
    try await stage.laptop.setTitle("Lisbon by tram", of: id)
    try script.act("Laptop", "renames it to “Lisbon by tram”")
    try await nextMillisecond()
    try await stage.phone.setTitle("Lisbon in the rain", of: id)
    try await stage.phone.addTag("travel", to: id)
    try script.act("Phone", "renames it to “Lisbon in the rain”, and tags it #travel")
    try await stage.desktop.delete(id)
    try script.act("Desktop", "deletes it")
  }

  /// Waits until the clocks show another time: which of two concurrent things shows is not to hang on names that are random.
  private static func nextMillisecond() async throws {
    try await Task.sleep(for: .milliseconds(2))
  }
}
