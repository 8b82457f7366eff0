internal import Anabranch
internal import AnabranchCore

/// The second pass: reads a message where the first one found it.
///
/// It holds one message at a time, and a few authors.
final class MessageReader {
  /// How long a message may be: 256 MiB. It has to be held whole.
  static let messageBytesMax: Int64 = 256 << 20

  private let reader: JSONReader
  /// The authors that were read first. Most exports have three or four, and the same few say everything.
  private var authors: [Author] = []
  private static let authorsMax = 8
  /// How long an author may be to be remembered.
  private static let authorBytesMax = 256

  /// Who a message is by.
  private struct Author {
    var role: String?
    var name: String?
    /// What else stands there, in canonical form.
    var extras: [UInt8]?
    /// The bytes it was read from.
    var written: [UInt8] = []

    func isWritten(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
      written.withUnsafeBytes { $0.hasSameBytes(as: UnsafeRawBufferPointer(bytes)) }
    }
  }

  /// Reads from `source`.
  init(_ source: any ByteSource, windowBytes: Int) {
    self.reader = JSONReader(source, windowBytes: windowBytes)
  }

  /// What had to be mended since the last call.
  func takeRepairs() -> JSONRepairs {
    defer { reader.repairs = JSONRepairs() }
    return reader.repairs
  }

  /// When the message at `place` was written; nil if it does not say, or cannot be read.
  func time(at place: Range<Int64>) throws(AnabranchError) -> Int64? {
    do {
      reader.seek(to: place)
      var ignored = CanonicalObject()
      var time: Int64?
      try reader.beginObject()
      while let key = try reader.nextKey() {
        if key == "create_time" {
          time = try reader.instant(key, orKeepIn: &ignored)
        } else {
          try reader.skip()
        }
      }
      return time
    } catch  where error.code == .format {
      return nil
    }
  }

  /// The message at `place`, of the node called `id`; its parents are not known here.
  ///
  /// Throws `format` where it is not what a message should be, `io` where it cannot be read.
  func message(
    at place: Range<Int64>, id: String, oddities: inout Oddities
  ) throws(AnabranchError) -> SourceMessage {
    guard place.upperBound - place.lowerBound <= Self.messageBytesMax else {
      throw AnabranchError(
        .format, "a message is longer than \(Self.messageBytesMax >> 20) MiB",
        remedy: "no known tool writes such a file; make the export anew")
    }
    reader.seek(to: place)
    var message = SourceMessage(id: id, parents: [], role: .tool, text: "")
    var verbatim = CanonicalObject()
    var role: String?
    var hasContent = false
    var files = AssetList()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      switch key {
      case "id":
        if let own = try reader.text(key, orKeepIn: &verbatim), own != id { verbatim.set(key, to: own) }
      case "author": role = try readAuthor(&message, &verbatim)
      case "create_time": message.created = try readTime(&verbatim, &oddities)
      case "content":
        let content = try ChatGPTContentReader.read(reader)
        message.text = content.text
        if let rest = content.verbatim { verbatim.set(key, toCanonical: rest) }
        hasContent = content.isPresent
        files.add(content.files)
      case "metadata": message.model = try readMetadata(&verbatim, &files)
      default: verbatim.set(key, toCanonical: try reader.canonical())
      }
    }
    message.role = Self.role(role, &oddities)
    if !hasContent {
      oddities.note("missing-content", "a message has no content; it stands empty", skipped: false)
    }
    message.verbatim = verbatim.text()
    message.attachments = files.files
    return message
  }

  private func readAuthor(
    _ message: inout SourceMessage, _ verbatim: inout CanonicalObject
  ) throws(AnabranchError) -> String? {
    guard try reader.kind() == .object else { return try reader.text("author", orKeepIn: &verbatim) }
    let author = try readAuthor()
    message.author = author.name
    if let extras = author.extras { verbatim.set("author", toCanonical: extras) }
    return author.role
  }

  private func readAuthor() throws(AnabranchError) -> Author {
    let start = reader.offset
    try reader.skip()
    if let bytes = reader.bytes(since: start), let known = authors.first(where: { $0.isWritten(bytes) }) {
      return known
    }
    reader.jump(to: start)
    var author = Author()
    var extras = CanonicalObject()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      switch key {
      case "role": author.role = try reader.text(key, orKeepIn: &extras)
      case "name": author.name = try reader.text(key, orKeepIn: &extras)
      default: extras.set(key, toCanonical: try reader.canonical())
      }
    }
    if let role = author.role, SourceRole.named(role)?.isItsName != true { extras.set("role", to: role) }
    author.extras = extras.isEmpty ? nil : extras.bytes()
    remember(author, writtenSince: start)
    return author
  }

  /// Remembers an author in which nothing was mended, or that would have to be reported each time.
  private func remember(_ author: Author, writtenSince start: Int64) {
    guard authors.count < Self.authorsMax, let bytes = reader.bytes(since: start),
      bytes.count <= Self.authorBytesMax, bytes.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "\\") })
    else { return }
    var author = author
    author.written = Array(bytes)
    authors.append(author)
  }

  private func readMetadata(
    _ verbatim: inout CanonicalObject, _ files: inout AssetList
  ) throws(AnabranchError) -> String? {
    guard try reader.kind() == .object else {
      verbatim.set("metadata", toCanonical: try reader.canonical())
      return nil
    }
    var model: String?
    var extras = CanonicalObject()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      if key == "model_slug" {
        model = try reader.text(key, orKeepIn: &extras)
        continue
      }
      let start = reader.offset
      extras.set(key, toCanonical: try reader.canonical())
      guard key == "attachments" else { continue }
      let end = reader.offset
      reader.jump(to: start)
      if try reader.kind() == .array { files.add(try AssetList.attachments(reader)) }
      reader.jump(to: end)
    }
    verbatim.set("metadata", to: extras)
    return model
  }

  private func readTime(
    _ verbatim: inout CanonicalObject, _ oddities: inout Oddities
  ) throws(AnabranchError) -> Int64? {
    let isNull = try reader.kind() == .null
    let time = try reader.instant("create_time", orKeepIn: &verbatim)
    if time == nil && !isNull {
      oddities.note(
        "bad-time", "a time cannot be read; it was kept as it stands and counts as unknown", skipped: false)
    }
    return time
  }

  private static func role(
    _ name: String?, _ oddities: inout Oddities
  ) -> Role {
    if let name, let known = SourceRole.named(name) { return known.role }
    oddities.note(
      "unknown-role", "it is not known who speaks in a message; it was taken for a tool's", skipped: false)
    return .tool
  }
}
