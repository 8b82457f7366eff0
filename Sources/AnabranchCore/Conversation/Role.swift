/// Who speaks in a message.
///
/// The raw value is the role's number in the canonical bytes. A number this version does not know is
/// kept as it is, so that a later version's roles travel through an older replica unharmed.
public struct Role: RawRepresentable, Hashable, Sendable {
  /// The role's number in the canonical bytes.
  public let rawValue: UInt8

  /// The role with that number, known or not.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Instructions that stand above the conversation.
  public static let system = Role(rawValue: 0)
  /// The person.
  public static let user = Role(rawValue: 1)
  /// The model.
  public static let assistant = Role(rawValue: 2)
  /// A tool's call or its result.
  public static let tool = Role(rawValue: 3)

  private static let names = ["system", "user", "assistant", "tool"]

  /// The role of that name, as ``name`` prints it; nil for any other word.
  public init?(name: some StringProtocol) {
    guard let number = Self.names.firstIndex(where: { $0 == name }) else { return nil }
    self.init(rawValue: UInt8(number))
  }

  /// The role's name: `system`, `user`, `assistant`, `tool`, or `role-N` for a number of a later version.
  public var name: String {
    Int(rawValue) < Self.names.count ? Self.names[Int(rawValue)] : "role-\(rawValue)"
  }
}
