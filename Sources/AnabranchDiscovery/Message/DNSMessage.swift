/// What is asked: everything of that type that is known of a name.
public struct DNSQuestion: Hashable, Sendable {
  /// What it is about.
  public var name: DomainName
  /// The type of record, as a number; 255 for every type.
  public var type: UInt16
  /// Whether an answer to the one who asks alone would do (RFC 6762, §5.4).
  public var wantsUnicast: Bool

  /// The question for records of `type` of `name`.
  public init(_ name: DomainName, type: UInt16, wantsUnicast: Bool = false) {
    self.name = name
    self.type = type
    self.wantsUnicast = wantsUnicast
  }

  /// Whether it asks for records of `type`.
  func asks(for type: UInt16) -> Bool {
    self.type == type || self.type == DNSNumbers.any
  }
}

/// A message of the domain name system, as far as multicast DNS needs it (RFC 1035, §4; RFC 6762, §18).
///
/// Records about authorities, and those of other classes than Internet, are read over.
///
/// | offset | size | field |
/// | --- | --- | --- |
/// | 0 | 2 | identifier: 0 |
/// | 2 | 2 | flags: bit 15 is a response, bits 11 to 14 the operation, bit 9 more follows, bits 0 to 3 a failure |
/// | 4 | 2 | number of questions |
/// | 6 | 2 | number of answers |
/// | 8 | 2 | number of records about authorities |
/// | 10 | 2 | number of additional records |
/// | 12 | … | questions: name, type (2), class (2) |
/// | … | … | records: name, type (2), class (2), time to live (4), length (2), as many bytes |
public struct DNSMessage: Hashable, Sendable {
  /// Whether it answers, or announces; else it asks.
  public var isResponse: Bool
  /// In a question: whether more of what is known follows in another message (RFC 6762, §7.2).
  public var isTruncated: Bool
  /// What is asked.
  public var questions: [DNSQuestion]
  /// In a response what is said, in a question what is known already (RFC 6762, §7.1).
  public var answers: [DNSRecord]
  /// What may be of use besides.
  public var additionals: [DNSRecord]

  /// A message of those parts.
  public init(
    isResponse: Bool, isTruncated: Bool = false, questions: [DNSQuestion] = [], answers: [DNSRecord] = [],
    additionals: [DNSRecord] = []
  ) {
    self.isResponse = isResponse
    self.isTruncated = isTruncated
    self.questions = questions
    self.answers = answers
    self.additionals = additionals
  }

  /// The bits of the flags.
  enum Flags {
    static let response: UInt16 = 0x8000
    static let operation: UInt16 = 0x7800
    /// “Authoritative”, as every response by multicast is (RFC 6762, §18.4).
    static let authoritative: UInt16 = 0x0400
    static let truncated: UInt16 = 0x0200
    static let failure: UInt16 = 0x000f
  }
}
