internal import Anabranch

/// An attached file, as `attachments --json` and `show --json` print it.
struct AttachmentReport: Codable, Sendable {
  var id: String
  var message: String
  var name: String
  @Nullable var mediaType: String?
  @Nullable var bytes: UInt64?
  /// Whether all of it is on this device.
  var present: Bool
  /// Whether it can ever be: false where the export that told of it did not bring it.
  var exists: Bool
  /// The names of other devices that should have it; null where nobody asked.
  @Nullable var holders: [String]?

  init(_ record: AttachmentRecord, holders: [String]? = nil) {
    id = record.id.description
    message = record.message.description
    name = record.content.name
    mediaType = record.content.mediaType
    bytes = record.content.byteCount
    present = record.presence == .whole
    exists = record.presence != .never
    self.holders = holders
  }

  /// As many digits as tell the files of one message apart, which an import attaches in one change.
  private static let digits = 14

  /// One line, cut to the terminal.
  func line(_ style: Style) -> String {
    var row = FieldRow([
      .init(text: String(id.prefix(Self.digits)), paint: style.yellow),
      .init(text: name, paint: style.bold),
      .init(text: bytes.map(Count.bytes) ?? "", paint: style.dim),
      .init(text: whereabouts, paint: { present ? style.dim($0) : style.yellow($0) }),
    ])
    row.fit(style.columns - 2, cutting: [(1, 12), (3, 12), (2, 0)])
    return row.text
  }

  /// A sign for whether it is here.
  func mark(_ style: Style) -> String {
    present ? style.green("✓") : style.yellow("…")
  }

  private var whereabouts: String {
    if present { return "" }
    guard exists else { return "missing in the export" }
    guard let holders else { return "not on this device" }
    return holders.isEmpty ? "on no device that is known" : "on " + holders.joined(separator: ", ")
  }
}

extension Replica {
  /// Attached files, with the devices that should have those that are not here.
  func reports(of records: [AttachmentRecord]) throws(AnabranchError) -> [AttachmentReport] {
    var reports: [AttachmentReport] = []
    for record in records {
      let isHere = record.presence == .whole || record.presence == .never
      reports.append(AttachmentReport(record, holders: isHere ? nil : try holders(of: record)))
    }
    return reports
  }

  /// Whether an object that was found is a message.
  func isMessage(_ id: ObjectID) throws(AnabranchError) -> Bool {
    do {
      _ = try message(id)
      return true
    } catch  where error.code == .notFound {
      return false
    }
  }
}
