internal import AnabranchCore

/// A service that this device announces on one interface, under names that are drawn at random.
///
/// Nobody else draws the same: two of ten thousand names are alike in one of 10¹¹ networks. So nobody is asked first whether
/// they are taken (RFC 6762, §8.1).
struct Announcement: Hashable, Sendable {
  /// What the service is called.
  let instance: DomainName
  /// What the machine is called, for this service.
  let host: DomainName
  let text: ServiceText
  let port: UInt16

  /// The announcement of `membership`'s device, which listens at `port`. Takes four numbers from `generator`.
  init(_ membership: Membership, port: UInt16, using generator: inout some RandomNumberGenerator) {
    func word(_ generator: inout some RandomNumberGenerator) -> String {
      var bytes: [UInt8] = []
      generator.next().appendBigEndian(to: &bytes)
      return Hexadecimal.encode(bytes)
    }
    instance = DomainName(word(&generator)).within(.service)
    host = DomainName(word(&generator)).within(.local)
    let nonce = Bytes16(high: generator.next(), low: generator.next())
    text = ServiceText(of: membership.own, in: membership.space, nonce: nonce)
    self.port = port
  }

  /// All that is said of the service, where it is reached at `addresses`. It takes back all of it where it holds for no time.
  func message(at addresses: [IPAddress], holding timeToLive: UInt32 = DiscoveryLimits.timeToLive) -> DNSMessage {
    func record(_ name: DomainName, _ content: DNSRecord.Content, isFlush: Bool = true) -> DNSRecord {
      DNSRecord(name, content, timeToLive: timeToLive, isFlush: isFlush)
    }
    let described = [
      // The name of the service type is everybody's.
      record(.service, .pointer(instance), isFlush: false),
      record(instance, .service(priority: 0, weight: 0, port: port, target: host)),
      record(instance, .text(text.strings)),
    ]
    return DNSMessage(isResponse: true, answers: described + addresses.map { record(host, .address($0)) })
  }

  /// Whether `question` asks for some of that.
  func answers(_ question: DNSQuestion) -> Bool {
    switch question.name {
    case .service: question.asks(for: DNSNumbers.pointer)
    case instance: question.asks(for: DNSNumbers.service) || question.asks(for: DNSNumbers.text)
    case host: question.asks(for: DNSNumbers.address4) || question.asks(for: DNSNumbers.address6)
    default: false
    }
  }
}
