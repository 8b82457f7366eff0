internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// Puts the rows that are found in a database's pages into tables again, in a database of their own: by how they look, for nothing
/// says which table a page belongs to.
///
/// What looks like a row and is none does no harm: of a log only what has its hash is taken, and of a file only blocks that have theirs.
struct FoundRows {
  private let db: Database
  /// The numbers of logs of which a row was found that says that they are branches.
  private var branches: Set<Int64> = []
  /// The outlines of attached files, by the numbers of these.
  private var outlines: [Int64: BlobOutline] = [:]

  /// Fills `db`, which has all tables and nothing in them. O(bytes of the pages).
  static func copy(from pages: DatabasePages, to db: Database) throws {
    var rows = FoundRows(db: db)
    try pages.forEachRecord { try rows.take($0) }
    // What only looks right beside what was found first.
    guard !rows.branches.isEmpty || !rows.outlines.isEmpty else { return }
    try pages.forEachRecord { try rows.takeDependent($0) }
  }

  private init(db: Database) {
    self.db = db
  }

  private mutating func take(_ record: PageRecord) throws {
    guard let id = record.rowid else { return try takeUnnumbered(record.values) }
    switch Shape(record.values) {
    case [.null, .bytes, .null, .bytes], [.null, .bytes, .bytes, .bytes]:
      guard record.values[1].bytes?.count == Digest.count else { return }
      try insert(into: "change(id, hash, signature, bytes)", id, record.values)
    case [.null, .bytes, .bytes, .integer]:
      try insert(into: "log(ordinal, id, header, indexed)", id, record.values)
      var reader = ByteReader(record.values[2].bytes ?? [])
      if (try? LogHeader(&reader))?.isBranch == true { branches.insert(id) }
    case [.null, .bytes, .integer, .integer, .integer, .bytes], [.null, .bytes, .integer, .integer, .integer, .null]:
      try insert(into: "blob(number, id, bytes, missing, wanted, outline)", id, record.values)
      guard let blob = record.values[1].bytes.flatMap({ Digest($0) }).map({ BlobID($0) }) else { return }
      outlines[id] = try BlobRow.fetch(db, blob)?.outline(of: blob)
    case [.null, .integer, .integer, .integer]:
      // Or an open change: of more purges than are waiting, no harm comes.
      try insert(into: "erasure(purge, due, asked, taken)", id, record.values)
    default: break
    }
  }

  /// Takes a row of a table that has no numbers.
  private func takeUnnumbered(_ values: [DatabaseValue]) throws {
    switch Shape(values) {
    case [.text, .bytes], [.text, .integer], [.text, .text]:
      guard String.fromDatabaseValue(values[0]).flatMap(Setting.init(rawValue:)) != nil else { return }
      try insert(into: "setting(name, value)", nil, values)
    case [.bytes, .bytes, .bytes, .bytes, .integer], [.bytes, .bytes, .null, .bytes, .integer]:
      try insert(into: "peer(device, name, address, vector, contact)", nil, values)
    case [.bytes, .bytes]:
      let isHolder = values.allSatisfy { $0.bytes?.count == Digest.count }
      try insert(into: isHolder ? "blob_holder(blob, device)" : "preference(name, value)", nil, values)
    default: break
    }
  }

  /// Takes a row that is only known by others.
  private func takeDependent(_ record: PageRecord) throws {
    guard let id = record.rowid else { return }
    switch Shape(record.values) {
    case [.null, .integer] where branches.contains(id):
      try insert(into: "branch(log, parent)", id, record.values)
    case [.null, .bytes]:
      let (outline, index) = (outlines[BlobRow.number(ofKey: id)], Int(BlobRow.index(ofKey: id)))
      guard let bytes = record.values[1].bytes, outline?.holds(bytes[...], at: index) == true else { return }
      try insert(into: "block(id, bytes)", id, record.values)
    default: break
    }
  }

  /// Inserts a row, unless one of that name is there.
  private func insert(into table: String, _ id: Int64?, _ values: [DatabaseValue]) throws {
    var values = values
    if let id { values[0] = id.databaseValue }
    let places = values.map { _ in "?" }.joined(separator: ", ")
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO \(table) VALUES(\(places))")
      .execute(arguments: StatementArguments(values))
  }
}

/// What kinds of values a row has.
private struct Shape: Equatable, ExpressibleByArrayLiteral {
  enum Kind {
    case null, integer, text, bytes
  }

  private let kinds: [Kind]

  init(arrayLiteral kinds: Kind...) {
    self.kinds = kinds
  }

  init(_ values: [DatabaseValue]) {
    kinds = values.map { value in
      switch value.storage {
      case .null: .null
      case .string: .text
      case .blob: .bytes
      case .int64, .double: .integer
      }
    }
  }

  static func ~= (pattern: Self, value: Self) -> Bool {
    pattern == value
  }
}

extension DatabaseValue {
  /// Its bytes; nil where it is something else.
  fileprivate var bytes: [UInt8]? {
    if case .blob(let data) = storage { Array(data) } else { nil }
  }
}
