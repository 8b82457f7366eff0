/// What a JSON value is, told by its first byte.
enum JSONKind: String {
  case object = "an object"
  case array = "a list"
  case string = "a text"
  case number = "a number"
  case bool = "true or false"
  case null = "null"

  /// The kind of value that begins with `byte`; nil if none does.
  init?(firstByte byte: UInt8) {
    switch byte {
    case UInt8(ascii: "{"): self = .object
    case UInt8(ascii: "["): self = .array
    case UInt8(ascii: "\""): self = .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): self = .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): self = .bool
    case UInt8(ascii: "n"): self = .null
    default: return nil
    }
  }
}
