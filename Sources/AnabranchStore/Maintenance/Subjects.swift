internal import AnabranchCore
internal import AnabranchWire

/// What objects are called that have a row as a conversation: not all of them are one.
struct Subjects {
  /// What else they are.
  private var others: [ObjectID: String] = [.settings: "the entry of the settings"]

  /// The objects of a history that has logs with those headers.
  init(of headers: [LogHeader]) {
    for header in headers {
      guard case .device(let key, _) = header else { continue }
      others[.device(key)] = "the entry of the device \(key.description.prefix(Self.digits))"
    }
  }

  /// As many digits of a device's key as people are shown.
  private static let digits = 8

  subscript(id: ObjectID) -> String {
    others[id] ?? "conversation \(id)"
  }
}
