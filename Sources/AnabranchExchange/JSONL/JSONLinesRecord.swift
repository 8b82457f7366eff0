internal import Anabranch
internal import AnabranchCore

/// What a line of our own export holds.
enum JSONLinesRecord {
  case header(version: Int64)
  case conversation(SourceConversation)
  /// A message, and the conversation it names.
  case message(SourceMessage, conversation: String?)
  case end(conversations: Int64?, messages: Int64?)
  case unknown(String)

  /// Reads the object that `reader` stands at. Throws `format` where it is not what a line should be.
  static func read(_ reader: JSONReader) throws(AnabranchError) -> JSONLinesRecord {
    try reader.beginObject()
    guard let key = try reader.nextKey() else { return .unknown("nothing") }
    let record: JSONLinesRecord
    switch key {
    case "anabranch": record = .header(version: try integer(reader))
    case "conversation": record = .conversation(try conversation(reader))
    case "message": record = try message(reader)
    case "end": record = try end(reader)
    default:
      try reader.skip()
      record = .unknown("“\(key.prefix(40))”")
    }
    while try reader.nextKey() != nil { try reader.skip() }
    try reader.end()
    return record
  }

  private static func conversation(_ reader: JSONReader) throws(AnabranchError) -> SourceConversation {
    var value = SourceConversation(source: "", id: "")
    var hasName = (source: false, id: false)
    try reader.beginObject()
    while let key = try reader.nextKey() {
      switch key {
      case "source": (value.source, hasName.source) = (try reader.string(), true)
      case "id": (value.id, hasName.id) = (try reader.string(), true)
      case "title": value.title = try reader.string()
      case "created": value.created = try instant(reader)
      case "updated": value.updated = try instant(reader)
      case "current": value.current = try reader.string()
      case "archived": value.archived = try reader.bool()
      case "pinned": value.pinned = try reader.bool()
      case "trashed": value.trashed = try reader.bool()
      case "tags": value.tags = try texts(reader)
      case "folders": value.folders = try texts(reader)
      case "fields": value.fields = try fields(reader)
      case "notes": value.notes = try reader.string()
      case "draft": value.draft = try reader.string()
      case "model": value.model = try reader.string()
      case "verbatim": value.verbatim = try verbatim(reader)
      default: try reader.skip()
      }
    }
    guard hasName.source && hasName.id else {
      throw reader.expected("a conversation with “source” and “id” before it")
    }
    return value
  }

  private static func message(_ reader: JSONReader) throws(AnabranchError) -> JSONLinesRecord {
    var value = SourceMessage(id: "", parents: [], role: .tool, text: "")
    var found: Set<String> = []
    var conversation: String?
    try reader.beginObject()
    while let key = try reader.nextKey() {
      found.insert(key)
      switch key {
      case "conversation": conversation = try reader.string()
      case "id": value.id = try reader.string()
      case "parents": value.parents = try texts(reader)
      case "startsLine": value.startsLine = try reader.bool()
      case "role":
        guard let role = JSONLinesFormat.role(try reader.string()) else {
          throw reader.expected("a known role before it")
        }
        value.role = role
      case "author": value.author = try reader.string()
      case "model": value.model = try reader.string()
      case "created": value.created = try instant(reader)
      case "text": value.text = try reader.string()
      case "verbatim": value.verbatim = try verbatim(reader)
      case "attachments": value.attachments = try attachments(reader)
      default: try reader.skip()
      }
    }
    guard found.isSuperset(of: ["id", "role", "text"]) else {
      throw reader.expected("a message with “id”, “role” and “text” before it")
    }
    return .message(value, conversation: conversation)
  }

  private static func end(_ reader: JSONReader) throws(AnabranchError) -> JSONLinesRecord {
    var counts: [String: Int64] = [:]
    try reader.beginObject()
    while let key = try reader.nextKey() {
      if try reader.kind() == .number { counts[key] = try integer(reader) } else { try reader.skip() }
    }
    return .end(conversations: counts["conversations"], messages: counts["messages"])
  }

  private static func integer(_ reader: JSONReader) throws(AnabranchError) -> Int64 {
    guard let value = Int64(try reader.numberText()) else {
      throw reader.expected("a whole number of 64 bits before it")
    }
    return value
  }

  private static func instant(_ reader: JSONReader) throws(AnabranchError) -> Int64 {
    if try reader.kind() == .number { return try integer(reader) }
    guard let value = Timestamp.parse(try reader.string()) else {
      throw reader.expected("a time as RFC 3339 writes it before it")
    }
    return value
  }

  private static func texts(_ reader: JSONReader) throws(AnabranchError) -> [String] {
    var texts: [String] = []
    try reader.beginArray()
    while try reader.nextElement() { texts.append(try reader.string()) }
    return texts
  }

  private static func fields(_ reader: JSONReader) throws(AnabranchError) -> [FieldRecord] {
    var fields: [FieldRecord] = []
    try reader.beginObject()
    while let name = try reader.nextKey() { fields.append(FieldRecord(name: name, value: try reader.string())) }
    return fields
  }

  private static func attachments(_ reader: JSONReader) throws(AnabranchError) -> [SourceAttachment] {
    var files: [SourceAttachment] = []
    try reader.beginArray()
    while try reader.nextElement() {
      var file = SourceAttachment(id: "")
      try reader.beginObject()
      while let key = try reader.nextKey() {
        switch key {
        case "id": file.id = try reader.string()
        case "name": file.name = try reader.string()
        case "mediaType": file.mediaType = try reader.string()
        case "bytes": file.byteCount = UInt64(exactly: try integer(reader))
        default: try reader.skip()
        }
      }
      guard !file.id.isEmpty else { throw reader.expected("a file with “id” before it") }
      files.append(file)
    }
    return files
  }

  private static func verbatim(_ reader: JSONReader) throws(AnabranchError) -> String {
    if try reader.kind() == .string { return try reader.string() }
    return String(decoding: try reader.canonical(), as: UTF8.self)
  }
}
