internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// The newest messages of a conversation, which wait in its own row until there are enough of them for the table.
///
/// The table of messages lies by conversation: a batch that goes to two hundred of them would write a page of it for each. What
/// waits here is written with the row that every message writes anyway. A message that shows is in the table or here, never in
/// both, and only new ones come here: before anything else is done to one, all of them go to the table. How many wait says
/// nothing; two databases of one history may differ in it.
///
/// Each message goes by the one before it, the first by the conversation's key and the time 0:
///
/// | field | form |
/// | --- | --- |
/// | head | a byte: in bits 0 and 1 the ``Parents``, in 2 and 3 the ``Line``, in 4 whether it was imported |
/// | role | a byte |
/// | key | the change, less that of the key before: zigzag; the index: varint |
/// | created | less the time before: zigzag |
/// | line | only where it is ``Line/named``: its key less this one, zigzag |
/// | parents | as far as the head does not tell: of several their number, varint; of each its key less this one, zigzag |
/// | origin | only of an imported one: its key, varint |
///
/// The numbers are those of `ByteWriter`. Written and read here alone.
struct MessageTail {
  let conversation: ObjectKey
  private(set) var bytes: [UInt8]
  /// What the next message goes by; nil as long as nobody looked.
  private var last: Last?

  /// From so many bytes on the messages go to the table, which is sixty to a hundred of them, or thirty imported ones. Twice as many save a fiftieth of
  /// a batch, and make the list of conversations twice as long to read.
  static let bytesMax = 512

  private enum Parents: UInt8 {
    case none
    /// The message before.
    case previous
    case one
    case several
  }

  private enum Line: UInt8 {
    /// That of its parents.
    case continued
    case started
    case named
  }

  /// What a message says that the one after it goes by.
  private struct Last {
    let key: ObjectKey
    let created: Int64
  }

  init(_ bytes: [UInt8] = [], of conversation: ObjectKey) {
    self.conversation = conversation
    self.bytes = bytes
  }

  /// What the database has of a conversation; nil where that is nothing.
  static func fetch(_ db: Database, of conversation: ObjectKey) throws -> MessageTail? {
    try db.first("SELECT tail FROM conversation WHERE key = ? AND tail IS NOT NULL") {
      $0.add(conversation)
    } _: {
      MessageTail(try $0.bytes(0), of: conversation)
    }
  }

  /// How many messages wait in all conversations. O(those messages).
  static func messageCount(_ db: Database) throws -> Int {
    var count = 0
    try db.forEach("SELECT key, tail FROM conversation WHERE tail IS NOT NULL") { _ in
    } _: {
      count += try MessageTail($0.bytes(1), of: $0.integer(0)).rows().count
    }
    return count
  }

  var isEmpty: Bool { bytes.isEmpty }

  /// All messages, in the order in which they came. Throws ``StoreError/Code/damaged`` where no version writes such bytes.
  func rows() throws -> [MessageRow] {
    var rows: [MessageRow] = []
    try forEachUntil { row in
      rows.append(row)
      return true
    }
    return rows
  }

  /// The message at `key`, if it is here. O(messages), and throws as ``rows()`` does.
  func row(_ key: ObjectKey) throws -> MessageRow? {
    var found: MessageRow?
    try forEachUntil { row in
      if row.key == key { found = row }
      return found == nil
    }
    return found
  }

  /// Adds a message. O(1) but for the first one, which takes O(messages), and throws as ``rows()`` does.
  mutating func append(_ row: MessageRow) throws {
    let last = try last ?? end()
    let parents: Parents =
      switch row.parents.count {
      case 0: .none
      case 1: row.parents[0] == last.key ? .previous : .one
      default: .several
      }
    let line: Line = row.line == nil ? .continued : row.line == row.key ? .started : .named
    let (key, before) = (OperationKey(rawValue: row.key), OperationKey(rawValue: last.key))
    var writer = ByteWriter(capacity: 32)
    writer.write(parents.rawValue | line.rawValue << 2 | (row.origin == nil ? 0 : Self.imported))
    writer.write(row.role.rawValue)
    writer.write(zigzag: key.change.rawValue - before.change.rawValue)
    writer.write(varint: UInt64(key.index))
    writer.write(zigzag: row.created &- last.created)
    if let named = row.line, line == .named { writer.write(zigzag: named &- row.key) }
    if parents == .several { writer.write(count: row.parents.count) }
    if parents == .one || parents == .several {
      for parent in row.parents { writer.write(zigzag: parent &- row.key) }
    }
    if let origin = row.origin { writer.write(varint: UInt64(bitPattern: origin.rawValue)) }
    bytes += writer.bytes
    self.last = Last(key: row.key, created: row.created)
  }

  private static let imported: UInt8 = 1 << 4

  private var start: Last { Last(key: conversation, created: 0) }

  private func end() throws -> Last {
    var last = start
    try forEachUntil { row in
      last = Last(key: row.key, created: row.created)
      return true
    }
    return last
  }

  private func forEachUntil(_ body: (MessageRow) throws -> Bool) throws {
    var reader = ByteReader(bytes)
    var last = start
    while reader.remaining > 0 {
      let row: MessageRow
      do {
        row = try Self.row(from: &reader, after: last)
      } catch {
        throw StoreError(
          .damaged, "the newest messages of a conversation are not what any version writes",
          remedy: StoreError.repairing, cause: error)
      }
      guard try body(row) else { return }
      last = Last(key: row.key, created: row.created)
    }
  }

  private static func row(from reader: inout ByteReader, after last: Last) throws(WireError) -> MessageRow {
    let start = reader.position
    let head = try reader.byte()
    guard head < imported << 1, let parents = Parents(rawValue: head & 3), let line = Line(rawValue: head >> 2 & 3)
    else { throw WireError(.invalid, "expected the head of a message", offset: start) }
    let role = Role(rawValue: try reader.byte())
    let change = OperationKey(rawValue: last.key).change.rawValue &+ (try reader.zigzag())
    let key = change << 19 | Int64(try reader.varint(max: UInt64(OperationID.indexMax), "an index"))
    let created = last.created &+ (try reader.zigzag())
    let named: ObjectKey? =
      switch line {
      case .continued: nil
      case .started: key
      case .named: key &+ (try reader.zigzag())
      }
    var several: [ObjectKey] = []
    switch parents {
    case .none: break
    case .previous: several = [last.key]
    case .one: several = [key &+ (try reader.zigzag())]
    case .several:
      for _ in 0..<(try reader.count(max: reader.remaining, of: "parents")) {
        several.append(key &+ (try reader.zigzag()))
      }
    }
    let origin = head & imported == 0 ? nil : OperationKey(rawValue: Int64(bitPattern: try reader.varint()))
    return MessageRow(key: key, role: role, created: created, line: named, parents: several, origin: origin)
  }
}
