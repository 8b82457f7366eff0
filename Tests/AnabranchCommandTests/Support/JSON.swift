import Foundation
import Testing

/// What the program says with `--json`, taken apart without knowing its types.
struct JSON {
  let value: Any?

  subscript(key: String) -> JSON { JSON(value: (value as? [String: Any])?[key]) }
  subscript(index: Int) -> JSON {
    guard let array = value as? [Any], array.indices.contains(index) else { return JSON(value: nil) }
    return JSON(value: array[index])
  }

  /// The keys of an object.
  var keys: Set<String> { Set((value as? [String: Any] ?? [:]).keys) }
  /// The elements of an array; none where it is none.
  var array: [JSON] { (value as? [Any] ?? []).map { JSON(value: $0) } }
  var isArray: Bool { value is [Any] }
  var isNull: Bool { value is NSNull }
  var isText: Bool { value is String }
  /// A text; empty where it is none.
  var text: String { value as? String ?? "" }
  /// The texts of an array.
  var texts: [String] { array.map(\.text) }
  /// A whole number; -1 where it is none.
  var count: Int { value as? Int ?? -1 }
  /// A truth; nil where it is none.
  var bool: Bool? { value as? Bool }

  /// The value as text with ascending keys, to be compared.
  var canonical: String {
    let data = value.flatMap {
      try? JSONSerialization.data(withJSONObject: $0, options: [.sortedKeys, .fragmentsAllowed])
    }
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "none"
  }
}

extension Command.Result {
  /// Standard output as JSON, which has to be exactly one line.
  func json(at location: SourceLocation = #_sourceLocation) throws -> JSON {
    #expect(Self.isOneLine(output), "expected one line, got \(output.prefix(200))", sourceLocation: location)
    return try Self.parse(output)
  }

  /// Expects a failure as `--json` tells of it: nothing on standard output, one line with a code, a message and a
  /// remedy on standard error. Returns it.
  @discardableResult
  func failure(
    _ code: String, status expected: Int32 = 1, at location: SourceLocation = #_sourceLocation
  ) throws -> JSON {
    #expect(status == expected, sourceLocation: location)
    #expect(output == "", sourceLocation: location)
    #expect(Self.isOneLine(errors), "expected one line, got \(errors.prefix(400))", sourceLocation: location)
    let whole = try Self.parse(errors)
    #expect(whole.keys == ["error"], sourceLocation: location)
    let error = whole["error"]
    #expect(error.keys == ["code", "message", "remedy"], sourceLocation: location)
    #expect(error["code"].text == code, "\(errors)", sourceLocation: location)
    #expect(!error["message"].text.isEmpty, sourceLocation: location)
    #expect(error["remedy"].isText, sourceLocation: location)
    return error
  }

  private static func isOneLine(_ text: String) -> Bool {
    text.hasSuffix("\n") && text.dropLast().utf8.allSatisfy { $0 != UInt8(ascii: "\n") } && text.count > 1
  }

  private static func parse(_ text: String) throws -> JSON {
    JSON(value: try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed))
  }
}

extension String {
  /// Whether it is a time in UTC as RFC 3339 writes it, with milliseconds.
  var isTime: Bool { wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil }
  /// Whether it is an identifier in its printed form.
  var isIdentifier: Bool { wholeMatch(of: /[0-9a-f]{32}/) != nil }
  /// Whether it is a hash in its printed form.
  var isHash: Bool { wholeMatch(of: /[0-9a-f]{64}/) != nil }
}
