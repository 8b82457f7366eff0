internal import Anabranch

/// The files that a message of a ChatGPT export tells of: by pointers among its parts, and in a list of its metadata.
struct AssetList {
  /// Each file once, in the order in which the message tells of them.
  private(set) var files: [SourceAttachment] = []

  /// Adds what else is known of files.
  mutating func add(_ others: [SourceAttachment]) {
    for other in others where !other.id.isEmpty {
      guard let index = files.firstIndex(where: { $0.id.utf8.elementsEqual(other.id.utf8) }) else {
        files.append(other)
        continue
      }
      files[index].name = files[index].name ?? other.name
      files[index].mediaType = files[index].mediaType ?? other.mediaType
      files[index].byteCount = files[index].byteCount ?? other.byteCount
    }
  }

  /// Reads the part that `reader` stands at, an object, for pointers to files: its own, and those of objects right in it.
  static func pointers(_ reader: JSONReader) throws(AnabranchError) -> [SourceAttachment] {
    var found: [SourceAttachment] = []
    var own = SourceAttachment(id: "")
    try reader.beginObject()
    while let key = try reader.nextKey() {
      let kind = try reader.kind()
      switch key {
      case "asset_pointer" where kind == .string: own.id = identifier(try reader.string())
      case "size_bytes" where kind == .number: own.byteCount = UInt64(try reader.numberText())
      case _ where key.hasSuffix("asset_pointer") && kind == .object: found += try pointer(reader)
      default: try reader.skip()
      }
    }
    return (own.id.isEmpty ? [] : [own]) + found
  }

  private static func pointer(_ reader: JSONReader) throws(AnabranchError) -> [SourceAttachment] {
    var file = SourceAttachment(id: "")
    try reader.beginObject()
    while let key = try reader.nextKey() {
      let kind = try reader.kind()
      switch key {
      case "asset_pointer" where kind == .string: file.id = identifier(try reader.string())
      case "size_bytes" where kind == .number: file.byteCount = UInt64(try reader.numberText())
      default: try reader.skip()
      }
    }
    return file.id.isEmpty ? [] : [file]
  }

  /// Reads the list `attachments` of a message's metadata, at which `reader` stands.
  static func attachments(_ reader: JSONReader) throws(AnabranchError) -> [SourceAttachment] {
    var found: [SourceAttachment] = []
    try reader.beginArray()
    while try reader.nextElement() {
      guard try reader.kind() == .object else {
        try reader.skip()
        continue
      }
      var file = SourceAttachment(id: "")
      try reader.beginObject()
      while let key = try reader.nextKey() {
        let kind = try reader.kind()
        switch key {
        case "id" where kind == .string: file.id = identifier(try reader.string())
        case "name" where kind == .string: file.name = try reader.string()
        case "mime_type" where kind == .string, "mimeType" where kind == .string:
          file.mediaType = try reader.string()
        case "size" where kind == .number: file.byteCount = UInt64(try reader.numberText())
        default: try reader.skip()
        }
      }
      if !file.id.isEmpty { found.append(file) }
    }
    return found
  }

  /// `file-service://file-abc` and `sediment://file_abc` stand for the files whose names begin with what follows.
  private static func identifier(_ pointer: String) -> String {
    guard let scheme = pointer.firstRange(of: "://") else { return pointer }
    return String(pointer[scheme.upperBound...].prefix { $0 != "#" && $0 != "?" })
  }
}
