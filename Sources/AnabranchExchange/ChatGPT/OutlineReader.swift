internal import Anabranch

/// The first pass over a conversation: everything but the messages, which are passed over.
struct OutlineReader {
  /// How many bytes the fields may have that the model does not know: 16 MiB a conversation. They are held
  /// whole.
  static let unknownBytesMax: Int64 = 16 << 20

  private let reader: JSONReader
  /// What has been read so far; it stands also after an error.
  private(set) var outline = ConversationOutline()
  private var otherID: String?
  private var nodeExtras = CanonicalObject()
  private var unknownBytes: Int64 = 0

  /// Reads with `reader`, which stands at the conversation's object.
  init(_ reader: JSONReader) {
    self.reader = reader
  }

  /// Reads the whole object. After a throw, ``outline`` holds what came before.
  mutating func read() throws(AnabranchError) {
    let problem: AnabranchError?
    do {
      try readFields()
      problem = nil
    } catch {
      problem = error
    }
    finish()
    if let problem { throw problem }
  }

  private mutating func readFields() throws(AnabranchError) {
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try readField(key)
    }
  }

  private mutating func readField(_ key: String) throws(AnabranchError) {
    switch key {
    case "conversation_id": outline.id = try reader.text(key, orKeepIn: &outline.verbatim)
    case "id": otherID = try reader.text(key, orKeepIn: &outline.verbatim)
    case "title": outline.fields.title = try reader.text(key, orKeepIn: &outline.verbatim)
    case "create_time": outline.fields.created = try instant(key)
    case "update_time": outline.fields.updated = try instant(key)
    case "current_node": outline.fields.current = try reader.text(key, orKeepIn: &outline.verbatim)
    case "is_archived": outline.fields.archived = try reader.flag(key, orKeepIn: &outline.verbatim) ?? false
    case "is_starred": outline.fields.pinned = try reader.flag(key, orKeepIn: &outline.verbatim) ?? false
    case "default_model_slug": outline.fields.model = try reader.text(key, orKeepIn: &outline.verbatim)
    case "mapping": try readMapping()
    default:
      if let value = try unknownValue() { outline.verbatim.set(key, toCanonical: value) }
    }
  }

  private mutating func finish() {
    if let other = otherID {
      if outline.id == nil {
        outline.id = other
      } else if outline.id != other {
        outline.verbatim.set("id", to: other)
      }
    }
    outline.verbatim.set("mapping", to: nodeExtras)
  }

  private mutating func readMapping() throws(AnabranchError) {
    guard try reader.kind() == .object else {
      let isNull = try reader.kind() == .null
      if let value = try unknownValue(), !isNull { outline.verbatim.set("mapping", toCanonical: value) }
      return
    }
    outline.hasMapping = true
    outline.nodes.removeAll()
    var places: [ExactName: Int] = [:]
    try reader.beginObject()
    while let id = try reader.nextKey() {
      let node = try readNode(id)
      if let place = places.updateValue(outline.nodes.count, forKey: ExactName(id)) {
        places[ExactName(id)] = place
        outline.nodes[place] = node
        warn("duplicate-node", "two nodes have one name; the later one was taken", skipped: true)
      } else {
        outline.nodes.append(node)
      }
    }
  }

  private mutating func readNode(_ id: String) throws(AnabranchError) -> ConversationOutline.Node {
    var node = ConversationOutline.Node(id: id)
    guard try reader.kind() == .object else {
      if try reader.kind() != .null {
        warn(
          "not-a-node", "a node is \(try reader.kind()?.rawValue ?? "missing"), not an object", skipped: true)
      }
      try reader.skip()
      return node
    }
    var extras = CanonicalObject()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      switch key {
      case "id":
        if let own = try reader.text(key, orKeepIn: &extras), own != id { extras.set(key, to: own) }
      case "parent": node.parent = try reader.text(key, orKeepIn: &extras)
      case "children": node.children = try readChildren(&extras)
      case "message": node.message = try readMessagePlace()
      default:
        if let value = try unknownValue() { extras.set(key, toCanonical: value) }
      }
    }
    nodeExtras.set(id, to: extras)
    return node
  }

  private mutating func readChildren(_ extras: inout CanonicalObject) throws(AnabranchError) -> [String] {
    guard try reader.kind() == .array else {
      let isNull = try reader.kind() == .null
      if let value = try unknownValue(), !isNull { extras.set("children", toCanonical: value) }
      return []
    }
    var children: [String] = []
    try reader.beginArray()
    while try reader.nextElement() {
      if try reader.kind() == .string { children.append(try reader.string()) } else { try reader.skip() }
    }
    return children
  }

  private mutating func readMessagePlace() throws(AnabranchError) -> Range<Int64>? {
    let kind = try reader.kind()
    let place = try reader.skip()
    if kind == .object { return place }
    if kind != .null {
      warn(
        "not-a-message", "a message is \(kind?.rawValue ?? "missing"), not an object, and was left out",
        skipped: true)
    }
    return nil
  }

  private mutating func instant(_ key: String) throws(AnabranchError) -> Int64? {
    let isNull = try reader.kind() == .null
    let instant = try reader.instant(key, orKeepIn: &outline.verbatim)
    if instant == nil && !isNull {
      warn("bad-time", "\(key) is not a time; it was kept as it stands and counts as unknown", skipped: false)
    }
    return instant
  }

  /// A value the model does not know, in canonical form; nil if these become too many bytes to hold.
  private mutating func unknownValue() throws(AnabranchError) -> [UInt8]? {
    let place = try reader.skip()
    guard place.upperBound - place.lowerBound <= Self.unknownBytesMax - unknownBytes else {
      let limit = "\(Self.unknownBytesMax >> 20) MiB"
      warn(
        "too-large", "the fields this version does not know exceed \(limit); the rest was left out",
        skipped: true)
      return nil
    }
    unknownBytes += place.upperBound - place.lowerBound
    reader.jump(to: place.lowerBound)
    return try reader.canonical()
  }

  private mutating func warn(_ code: String, _ what: String, skipped: Bool) {
    outline.oddities.note(code, what, skipped: skipped)
  }
}
