internal import Anabranch
internal import ArgumentParser

struct PurgeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "purge",
    abstract: "Take a conversation, a message or an attached file away for good, on every device.",
    discussion: """
      It is hidden at once, wherever this reaches, and whatever others do to it meanwhile. A day later, or at once with \
      --now, its bytes are overwritten on each device; `anabranch status` shows which have done so. Nothing brings it back: \
      no restore, no import, no undo. With --past only what was deleted from a text goes, such as a password that was \
      pasted: what shows stays. Files that were exported and backups kept elsewhere are not touched.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The conversation, the message or the attachment, by its identifier or the beginning of it.")
  var id: String

  @Flag(name: .long, help: "Only what was deleted from what the message says, or from the notes or the draft.")
  var past = false

  @Flag(help: "With --past: of which text.")
  var text: PageText?

  @Flag(name: .long, help: "Overwrite the bytes at once rather than after a day.")
  var now = false

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Only say what it would take.")
  var dryRun = false

  @Flag(name: [.long, .customShort("y")], help: "Do not ask.")
  var yes = false

  func validate() throws {
    guard past || text == nil else { throw ValidationError("expected --notes and --draft with --past") }
  }

  func run() async throws {
    if past { return try await purgePast() }
    if now, !dryRun, let waiting = try await purgedBefore() {
      // It is gone for good; only its bytes are not yet.
      guard let purged = try await Writing(options).perform(.purge(object: waiting, now: true)).purged
      else {
        throw Writing.unexpected
      }
      return try options.output.print(purged) { purged.text($0) }
    }
    let report = try await preview()
    if dryRun { return try options.output.print(report) { report.text($0) } }
    if !yes { try await Confirmation.ask(report.text(options.output.style), "Take it away for good?", else: "--yes") }
    let response = try await Writing(options).perform(.purge(object: report.id, now: now))
    guard let purged = response.purged else { throw Writing.unexpected }
    try options.output.print(purged) { purged.text($0) }
  }

  /// What was purged before and still has bytes here.
  private func purgedBefore() async throws -> String? {
    let replica = try await Replica.read(at: options.place)
    let id = try await replica.findPurged(id)?.description
    try await replica.close()
    return id
  }

  private func purgePast() async throws {
    let kind = text?.kind ?? .body
    let replica = try await Replica.read(at: options.place)
    let id = try await replica.find(id, text == nil ? .message : .conversation)
    let report = PastReport(id: id.description, characters: try await replica.pastCount(of: kind, in: id), erased: nil)
    try await replica.close()
    if dryRun || report.characters == 0 { return try options.output.print(report) { report.text($0) } }
    if !yes { try await Confirmation.ask(report.text(options.output.style), "Take it away for good?", else: "--yes") }
    let request = Request.purgePast(object: report.id, text: kind.rawValue, now: now)
    guard let purged = try await Writing(options).perform(request).past else { throw Writing.unexpected }
    try options.output.print(purged) { purged.text($0) }
  }

  /// What would be taken.
  private func preview() async throws -> PurgePreviewReport {
    let replica = try await Replica.read(at: options.place)
    let id = try await replica.find(id)
    let preview = try await replica.purgePreview(of: id)
    let devices = try await replica.status().peers.map(\.record.name)
    let stays = try await PurgedReport.staying(after: id, on: replica)
    let attachment = try? await replica.attachment(id)
    let message = try? await replica.message(attachment?.message ?? id)
    // What was taken back has no summary.
    let summary = try? await replica.summary(of: message?.conversation ?? id)
    let isMessage = message != nil || summary == nil && preview.messages == 1
    try await replica.close()
    return PurgePreviewReport(
      id: id.description, kind: attachment != nil ? "attachment" : isMessage ? "message" : "conversation",
      title: summary?.title, messages: preview.messages, contents: preview.contents, bytes: preview.bytes,
      files: preview.files,
      fileBytes: preview.fileBytes, name: attachment?.content.name, devices: devices, stays: stays)
  }
}

/// What `purge --dry-run --json` prints.
struct PurgePreviewReport: Codable, Sendable {
  var id: String
  /// `conversation`, `message` or `attachment`.
  var kind: String
  /// The conversation's title.
  @Nullable var title: String?
  var messages: Int
  var contents: Int
  var bytes: Int
  /// Files whose bytes go, unless something else still has them attached.
  var files: Int
  var fileBytes: UInt64
  /// What the file is called that goes by itself.
  @Nullable var name: String?
  /// The other devices that are known, which will be asked to do the same.
  var devices: [String]
  /// What else has the same words or bytes, and stays.
  var stays: [String]

  func text(_ style: Style) -> String {
    let name = title.map { "“\(TextWidth.fit($0, 40))”" } ?? "(no title)"
    let what =
      switch kind {
      case "conversation": "conversation \(name)"
      case "message": "a message of \(name)"
      default: "file “\(TextWidth.fit(self.name ?? "", 40))” of \(name)"
      }
    let count = files > 0 ? ", \(Count.text(files, "file")) of \(Count.bytes(fileBytes))" : ""
    var lines = [
      style.bold(what), style.yellow(id),
      "\(Count.messages(messages)), \(Count.text(contents, "content")) of \(Count.text(bytes, "byte")) in all\(count)",
    ]
    if !devices.isEmpty {
      let others = "also on these, as far as it has come there: " + devices.joined(separator: ", ")
      lines += TextWidth.wrap(others, style.columns).map(String.init)
    }
    lines += stays.flatMap { TextWidth.wrap("stays: \($0)", style.columns).map(String.init) }
    return lines.joined(separator: "\n")
  }
}

/// What `purge --past --json` prints.
struct PastReport: Codable, Sendable {
  var id: String
  /// Characters that were deleted from the text before and go now.
  var characters: Int
  /// Whether no byte of them is left on this device; null where nothing was done yet.
  @Nullable var erased: Bool?

  func text(_ style: Style) -> String {
    guard characters > 0 else { return "nothing was deleted from \(style.yellow(id)) that is still kept" }
    let count = Count.text(characters, "character") + " deleted from"
    guard let erased else { return "\(count) \(style.yellow(id)) would go" }
    let when = erased ? "no byte of them is left on this device" : "their bytes go after a day"
    return "\(style.green("✓")) \(count) \(style.yellow(id)) are gone for good; \(when)"
  }
}

/// A text of a conversation, as flags name it.
enum PageText: String, EnumerableFlag {
  case notes, draft

  var kind: TextKind { self == .notes ? .notes : .draft }
}

/// What `purge --json` prints.
struct PurgedReport: Codable, Sendable {
  var id: String
  /// Whether no byte of it is left on this device.
  var erased: Bool
  /// When the bytes go here; null where they are gone, or wait for somebody who reads them.
  @Nullable var due: String?
  /// What else has the same words or bytes, and stays.
  var stays: [String]

  /// What would still have words or bytes of an object after it was purged.
  static func staying(after id: ObjectID, on replica: Replica) async throws -> [String] {
    var stays: [String] = []
    let files = (try? await replica.purgePreview(of: id).filesStaying) ?? 0
    if files > 0 { stays.append("\(Count.text(files, "file")), which something else has attached too") }
    if let conversation = try? await replica.message(id).conversation,
      try await replica.pastCount(of: .draft, in: conversation) > 0
    {
      let command = "anabranch purge \(conversation.description.prefix(8)) --draft --past"
      stays.append("what was deleted from the draft, also what was said from it: `\(command)` takes that")
    }
    return stays
  }

  func text(_ style: Style) -> String {
    let gone =
      erased && !stays.isEmpty
      ? "gone from this device, but for what stays"
      : erased
        ? "no byte of it is left on this device"
        : due.map { "its bytes go after \($0)" } ?? "its bytes go as soon as nobody reads them any more"
    let line = "\(style.green("✓")) \(style.yellow(id)) is gone for good; \(gone)"
    return ([line] + stays.flatMap { TextWidth.wrap("stays: \($0)", style.columns).map(String.init) })
      .joined(separator: "\n")
  }
}
