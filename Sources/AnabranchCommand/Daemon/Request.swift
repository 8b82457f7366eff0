internal import Anabranch

/// A write that a command wants: carried out here, or by the daemon that holds the replica.
enum Request: Codable, Sendable {
  case new(title: String)
  case say(conversation: String, text: String, role: String, model: String?, parent: String?, files: [String])
  case branch(message: String, text: String, role: String, model: String?)
  case title(conversation: String, title: String)
  case tag(conversation: String, tag: String)
  case untag(conversation: String, tag: String)
  case folder(conversation: String, folder: String)
  case unfolder(conversation: String, folder: String)
  case field(conversation: String, name: String, value: String?)
  case read(conversation: String)
  case setting(name: String, value: String?, isLocal: Bool)
  case pin(object: String, isOn: Bool)
  case archive(conversation: String, isOn: Bool)
  case delete(conversation: String)
  case restore(conversation: String)
  case rewrite(object: String, text: UInt32, from: String, to: String)
  case sayDraft(conversation: String)
  case purge(object: String, now: Bool)
  case purgePast(object: String, text: UInt32, now: Bool)
  case attach(message: String, files: [String])
  case detach(attachment: String)
  case fetch(attachment: String, address: String?, recheck: Bool)
  case undo(action: String?, from: String?, since: String?)
  case importPath(String)
  case sync(address: String, recording: RecordingRequest?)
  case metrics
  /// Whom the daemon is connected with just now.
  case connections
  /// Whatever is not signed yet.
  case sign
  case recover(phrase: String, isAlone: Bool)
  case renameDevice(DeviceReference, name: String)
  case restrictDevice(DeviceReference, role: String)
  /// Pieces of the message follow, each a ``ControlProtocol/Piece``.
  case stream(StreamedMessage.Opening)
  /// Events follow, each a ``ControlProtocol/Answer/pairing(_:)``, and are answered where they ask something.
  case pair(PairingTalk.Opening)
  /// Who lets this device in follows, as ``ControlProtocol/Answer/inviter(_:)``, and is answered.
  case join(JoiningTalk.Opening)
  /// Events follow, each a ``ControlProtocol/Answer/event(_:)``, until the asker goes.
  case watch(conversation: String?)
  /// What crosses connections follows, each a ``ControlProtocol/Answer/wire(missed:entry:)``, until the asker goes.
  case wire
}

/// What came of a ``Request``; one of the fields.
struct Response: Codable, Sendable {
  var written: Written?
  var imported: ImportReport?
  var synced: SyncReport?
  /// Why the recording of an exchange ended before it.
  var unrecorded: Failure?
  var purged: PurgedReport?
  var past: PastReport?
  var setting: SettingReport?
  var attachments: [AttachmentReport]?
  var undone: UndoReport?
  var device: DeviceReport?
  var paired: NewcomerReport?
  var metrics: MetricsReport?
  var connections: ConnectionsReport?
  var failure: Failure?
}

/// What a write touched, as `--json` prints it.
struct Written: Codable, Sendable {
  var conversation: String
  @Nullable var message: String?
  /// True where it was so already and nothing was written.
  var unchanged: Bool?
}

/// What `import --json` prints.
struct ImportReport: Codable, Sendable {
  /// Something that could not be read as it stood.
  struct Warning: Codable, Sendable {
    var code: String
    var message: String
    var skipped: Bool
  }

  var conversations: Int
  var messages: Int
  var new: Int
  var unchanged: Int
  /// Files that were attached, and those that messages tell of and the export did not bring.
  var files: Int
  var filesMissing: Int
  var warnings: [Warning]

  init(_ summary: ImportSummary) {
    files = summary.files
    filesMissing = summary.filesMissing
    conversations = summary.conversations
    messages = summary.messages
    new = summary.new
    unchanged = summary.unchanged
    warnings = summary.warnings.map { Warning(code: $0.code, message: $0.message, skipped: $0.skipped) }
  }

  /// Whether something of the source is missing.
  var skipped: Bool { warnings.contains(where: \.skipped) }
}

/// A log that was left out of an exchange, as `--json` prints it.
struct ExcludedReport: Codable, Sendable {
  var log: String
  /// The first change that was left out.
  var from: UInt32
  /// What people call the device that writes the log.
  @Nullable var name: String?

  init(_ first: ChangeID, names: LogNames) {
    log = first.log.description
    from = first.sequence
    name = names[first.log]
  }
}

/// What `sync --json` prints.
struct SyncReport: Codable, Sendable {
  var peer: String
  var name: String
  var sentChanges: UInt64
  var receivedChanges: UInt64
  var sentBytes: UInt64
  var receivedBytes: UInt64
  /// Logs that the two sides disagree about.
  var excluded: [ExcludedReport]
}
