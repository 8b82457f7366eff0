public import Anabranch

/// Writes a history as lines of JSON, which ``HistoryFile`` reads back to the same steps.
///
/// Equal histories make equal bytes: there is no clock in it, and keys are sorted. Memory is one line.
public struct JSONLinesWriter: HistoryWriter {
  private let sink: ByteSink
  private var hasBegun = false
  private var conversation = ""
  private var conversations = 0
  private var messages = 0

  /// Writes to `sink`, a line at a time.
  public init(sink: @escaping ByteSink) {
    self.sink = sink
  }

  /// Writes a line for a conversation or a message; none for a warning.
  public mutating func write(_ event: HistoryEvent) throws {
    try begin()
    switch event {
    case .conversation(let value):
      conversations += 1
      conversation = value.id
      try line("conversation", Self.object(value))
    case .message(let value):
      messages += 1
      try line("message", Self.object(value, of: conversation))
    case .warning: break
    }
  }

  /// Writes the last line, without which the file counts as cut off.
  public mutating func finish() throws {
    try begin()
    var counts = CanonicalObject()
    counts.set("conversations", toCanonical: Array(String(conversations).utf8))
    counts.set("messages", toCanonical: Array(String(messages).utf8))
    try line("end", counts)
  }

  private mutating func begin() throws {
    if hasBegun { return }
    hasBegun = true
    var header = CanonicalObject()
    header.set("anabranch", toCanonical: Array(String(JSONLinesFormat.version).utf8))
    header.set("format", to: "history")
    try sink(header.bytes() + [UInt8(ascii: "\n")])
  }

  private func line(_ kind: String, _ value: CanonicalObject) throws {
    var line = CanonicalObject()
    line.set(kind, toCanonical: value.bytes())
    try sink(line.bytes() + [UInt8(ascii: "\n")])
  }

  private static func object(_ value: SourceConversation) -> CanonicalObject {
    var object = CanonicalObject()
    object.set("source", to: value.source)
    object.set("id", to: value.id)
    if let title = value.title { object.set("title", to: title) }
    set("created", value.created, &object)
    set("updated", value.updated, &object)
    if let current = value.current { object.set("current", to: current) }
    for (key, flag) in [("archived", value.archived), ("pinned", value.pinned), ("trashed", value.trashed)] {
      if flag { object.set(key, toCanonical: Array("true".utf8)) }
    }
    set("tags", value.tags, &object)
    set("folders", value.folders, &object)
    if !value.fields.isEmpty {
      var fields = CanonicalObject()
      for field in value.fields { fields.set(field.name, to: field.value) }
      object.set("fields", toCanonical: fields.bytes())
    }
    if !value.notes.isEmpty { object.set("notes", to: value.notes) }
    if !value.draft.isEmpty { object.set("draft", to: value.draft) }
    if let model = value.model { object.set("model", to: model) }
    setVerbatim(value.verbatim, &object)
    return object
  }

  private static func object(_ value: SourceMessage, of conversation: String) -> CanonicalObject {
    var object = CanonicalObject()
    object.set("conversation", to: conversation)
    object.set("id", to: value.id)
    set("parents", value.parents, &object)
    if value.startsLine { object.set("startsLine", toCanonical: Array("true".utf8)) }
    object.set("role", to: JSONLinesFormat.word(value.role))
    if let author = value.author { object.set("author", to: author) }
    if let model = value.model { object.set("model", to: model) }
    set("created", value.created, &object)
    object.set("text", to: value.text)
    set("attachments", value.attachments, &object)
    setVerbatim(value.verbatim, &object)
    return object
  }

  private static func set(_ key: String, _ instant: Int64?, _ object: inout CanonicalObject) {
    guard let instant else { return }
    if let text = Timestamp.text(instant) {
      object.set(key, to: text)
    } else {
      object.set(key, toCanonical: Array(String(instant).utf8))
    }
  }

  private static func set(_ key: String, _ texts: [String], _ object: inout CanonicalObject) {
    if texts.isEmpty { return }
    var list: [UInt8] = [UInt8(ascii: "[")]
    for (position, text) in texts.enumerated() {
      if position > 0 { list.append(UInt8(ascii: ",")) }
      JSONEscaping.append(text, to: &list)
    }
    object.set(key, toCanonical: list + [UInt8(ascii: "]")])
  }

  private static func set(_ key: String, _ files: [SourceAttachment], _ object: inout CanonicalObject) {
    if files.isEmpty { return }
    var list: [UInt8] = []
    for file in files {
      var entry = CanonicalObject()
      entry.set("id", to: file.id)
      if let name = file.name { entry.set("name", to: name) }
      if let mediaType = file.mediaType { entry.set("mediaType", to: mediaType) }
      if let count = file.byteCount { entry.set("bytes", toCanonical: Array(String(count).utf8)) }
      list += (list.isEmpty ? [UInt8(ascii: "[")] : [UInt8(ascii: ",")]) + entry.bytes()
    }
    object.set(key, toCanonical: list + [UInt8(ascii: "]")])
  }

  /// As the object it is where reading it back gives the same text, else as a text.
  private static func setVerbatim(_ verbatim: String?, _ object: inout CanonicalObject) {
    guard let verbatim else { return }
    let bytes = Array(verbatim.utf8)
    let reader = JSONReader(
      MemorySource(bytes), windowBytes: bytes.count, depthLimit: JSONLinesFormat.verbatimDepthMax)
    if bytes.first == UInt8(ascii: "{"), let canonical = try? reader.canonical(), canonical == bytes {
      object.set("verbatim", toCanonical: bytes)
    } else {
      object.set("verbatim", to: verbatim)
    }
  }
}
