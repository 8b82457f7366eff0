internal import Anabranch

/// Reading the fields of a model, each of which may be missing, null, or of a kind nobody expected.
///
/// What is of another kind than expected counts as missing and goes, whole, to what is kept verbatim.
extension JSONReader {
  /// A text; nil for null and for anything else.
  func text(_ key: String, orKeepIn verbatim: inout CanonicalObject) throws(AnabranchError) -> String? {
    switch try kind() {
    case .string: return try string()
    case .null:
      try null()
      return nil
    default:
      verbatim.set(key, toCanonical: try canonical())
      return nil
    }
  }

  /// A truth; nil for null and for anything else.
  func flag(_ key: String, orKeepIn verbatim: inout CanonicalObject) throws(AnabranchError) -> Bool? {
    switch try kind() {
    case .bool: return try bool()
    case .null:
      try null()
      return nil
    default:
      verbatim.set(key, toCanonical: try canonical())
      return nil
    }
  }

  /// A point in time in milliseconds since 1970, from seconds or from an RFC 3339 text; nil for null and for
  /// anything else.
  func instant(_ key: String, orKeepIn verbatim: inout CanonicalObject) throws(AnabranchError) -> Int64? {
    switch try kind() {
    case .number:
      let text = try numberText()
      if let instant = JSONNumber.milliseconds(ofSeconds: text) { return instant }
      verbatim.set(key, toCanonical: Array(text.utf8))
      return nil
    case .string:
      let text = try string()
      if let instant = Timestamp.parse(text) { return instant }
      verbatim.set(key, to: text)
      return nil
    case .null:
      try null()
      return nil
    default:
      verbatim.set(key, toCanonical: try canonical())
      return nil
    }
  }
}
