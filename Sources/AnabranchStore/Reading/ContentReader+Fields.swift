internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

/// The writes under one name of ``RegisterKind/fields`` that nobody has replaced, the one that shows first.
struct HeldField {
  let name: String
  let writes: [RegisterValue]

  /// Whether different values stand.
  var isContested: Bool { Set(writes.map(\.bytes)).count > 1 }

  /// What shows; nil where it was taken away.
  var record: FieldRecord? {
    let content = writes.first?.bytes.flatMap { FieldContent(canonicalBytes: $0[...]) }
    return content?.value.map { FieldRecord(name: name, value: $0) }
  }
}

extension ContentReader {
  /// The fields of an object, by name; those whose bytes are not there have none.
  func fields(on key: ObjectKey) throws -> [HeldField] {
    var fields: [[UInt8]: [RegisterValue]] = [:]
    for value in try values(of: .fields, on: key) {
      guard let content = value.bytes.flatMap({ FieldContent(canonicalBytes: $0[...]) }) else { continue }
      fields[Array(content.name.utf8), default: []].append(value)
    }
    return fields.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { name, writes in
      HeldField(name: String(decoding: name, as: UTF8.self), writes: writes)
    }
  }

  /// How many different values stand in conflict in a register of an object: for fields, under how many names.
  func conflicts(in register: RegisterKind, on key: ObjectKey) throws -> Int {
    guard register != .fields else { return try fields(on: key).count(where: \.isContested) }
    return Set(try values(of: register, on: key).map(\.bytes)).count > 1 ? 1 : 0
  }
}
