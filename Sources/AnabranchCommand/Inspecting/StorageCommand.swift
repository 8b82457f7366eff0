internal import Anabranch
internal import ArgumentParser

struct StorageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "storage", abstract: "What takes the space: by table, by kind of what was done, by conversation.",
    discussion: """
      What was written is the log; views and the search's index are made of it, and can be made again. By kind and \
      conversation it is what was said that counts, without what the log takes beside that.
      """)

  @OptionGroup var options: ReadingOptions

  @Option(name: .long, help: ArgumentHelp("At most so many tables, and conversations.", valueName: "n"))
  var limit = 10

  func validate() throws {
    try checkLimit(limit)
  }

  func run() async throws {
    let replica = try await options.read()
    let progress = ProgressLine("Measuring")
    let use = try await replica.storageUse { done, total in
      progress.show(done, of: total, "changes")
    }
    progress.clear()
    let largest = use.conversations.sorted { ($1.value.contentBytes, $0.key) < ($0.value.contentBytes, $1.key) }
    var conversations: [StorageReport.Conversation] = []
    for (id, share) in largest.prefix(limit) {
      // One that was purged has no title to tell.
      let title = try await Rereading.ifThere { try await replica.summary(of: id).title }
      conversations.append(StorageReport.Conversation(id, title, share))
    }
    try await replica.close()
    let report = StorageReport(use, conversations)
    try options.output.print(report) { style in
      report.text(style, limit: limit, hidden: largest.count - conversations.count)
    }
  }
}

/// What takes the space, as `inspect storage --json` prints it. All in bytes.
struct StorageReport: Encodable {
  struct Table: Encodable {
    var name: String
    var purpose: String
    var bytes: UInt64
    var unused: UInt64
  }

  struct Kind: Encodable {
    var kind: String
    var operations: UInt64
    var contentBytes: UInt64
  }

  struct Conversation: Encodable {
    var conversation: String
    /// Null where it has none, or does not show.
    @Nullable var title: String?
    var operations: UInt64
    var contentBytes: UInt64
    fileprivate let short: String

    private enum CodingKeys: String, CodingKey { case conversation, title, operations, contentBytes }

    init(_ id: ObjectID, _ title: String?, _ share: StorageUse.Share) {
      (conversation, short) = (id.description, id.short)
      self.title = title
      (operations, contentBytes) = (share.operations, share.contentBytes)
    }
  }

  /// The database's file and its journal.
  var total: UInt64
  /// Pages that hold nothing: what a compaction gives back.
  var free: UInt64
  /// What is written and not in the database's file yet.
  var journal: UInt64
  var tables: [Table]
  var kinds: [Kind]
  var conversations: [Conversation]

  init(_ use: StorageUse, _ conversations: [Conversation]) {
    (total, free, journal) = (use.totalBytes, use.freeBytes, use.journalBytes)
    tables = use.tables.map { Table(name: $0.name, purpose: $0.purpose.rawValue, bytes: $0.bytes, unused: $0.unused) }
    kinds = use.kinds.sorted { ($1.value.contentBytes, $0.key.rawValue) < ($0.value.contentBytes, $1.key.rawValue) }
      .map { Kind(kind: $0.key.name, operations: $0.value.operations, contentBytes: $0.value.contentBytes) }
    self.conversations = conversations
  }

  // MARK: Text

  private static let sizeColumns = 8
  private static let nameColumns = 40
  private static let purposes: [(StorageUse.Purpose, String)] = [
    (.log, "log: what was written"), (.views, "views, made of the log"), (.search, "search's index"),
    (.files, "attached files"), (.local, "of this device alone"),
  ]

  func text(_ style: Style, limit: Int, hidden: Int) -> String {
    func row(_ bytes: UInt64, _ words: String, _ more: String = "") -> String {
      var row = FieldRow([
        .init(text: "  " + TextWidth.pad(Count.bytes(bytes), Self.sizeColumns), paint: style.yellow),
        .init(text: more.isEmpty ? words : TextWidth.pad(TextWidth.fit(words, Self.nameColumns), Self.nameColumns)),
        .init(text: more, paint: style.dim),
      ])
      row.fit(style.columns, cutting: [(2, 0), (1, 8)])
      return row.text
    }
    var lines = [style.bold("\(Count.bytes(total)) in the database")]
    for (purpose, words) in Self.purposes {
      lines.append(row(tables.filter { $0.purpose == purpose.rawValue }.reduce(0) { $0 + $1.bytes }, words))
    }
    lines.append(row(journal, "journal, not in the file yet"))
    lines.append(row(free, "free: a compaction gives it back"))
    lines += ["", style.bold("Largest tables")]
    lines += tables.prefix(limit).map { row($0.bytes, $0.name, "\(Count.bytes($0.unused)) unused") }
    lines += ["", style.bold("What was said, by kind")]
    lines += kinds.prefix { $0.contentBytes > 0 }.map {
      row($0.contentBytes, $0.kind, Count.text($0.operations, "operation"))
    }
    lines += ["", style.bold("Largest conversations")]
    lines += conversations.map {
      row($0.contentBytes, "\($0.short)  \($0.title ?? "")", Count.text($0.operations, "operation"))
    }
    if hidden > 0 { lines.append(style.dim("  … and \(Count.conversations(hidden)) more")) }
    return lines.joined(separator: "\n")
  }
}
