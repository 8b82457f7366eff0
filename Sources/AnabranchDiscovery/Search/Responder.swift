internal import AnabranchCore

/// Says on one interface where this device is to be had: on its own when that is new, and when it is asked.
///
/// Whatever it says is all there is to say, and by multicast: another program on this machine may own the port that an answer to
/// one alone would come to (RFC 6762, §15.1). Time and randomness come from the host, and so do the packets.
struct Responder: Sendable {
  private let port: UInt16
  private(set) var announcement: Announcement
  private(set) var addresses: [IPAddress] = []
  private var announcementsLeft = 0
  private var announcementDue: Duration?
  private var answer: Answer?
  private var lastSaid: Duration?

  /// An answer that is due, and who waits for it: nil for more than are remembered.
  private struct Answer {
    var due: Duration
    var askers: [IPAddress]?
  }

  /// The responder of `membership`'s device, which listens at `port`. Says nothing before it has an address.
  init(_ membership: Membership, port: UInt16, using generator: inout some RandomNumberGenerator) {
    self.port = port
    announcement = Announcement(membership, port: port, using: &generator)
  }

  /// When ``say(now:)`` is due.
  var deadline: Duration? {
    [announcementDue, answer?.due].compactMap { $0 }.min()
  }

  /// Takes over where it is reached, and announces that if it is new.
  ///
  /// Where an address is gone that was announced it may be on another network now, and takes other names, so that nobody can
  /// tell that it was here before; the old ones are not taken back, since that would tell. They are forgotten soon.
  mutating func move(
    to offered: [IPAddress], _ membership: Membership, now: Duration, using generator: inout some RandomNumberGenerator
  ) {
    let offered = Array(offered.prefix(DiscoveryLimits.addressesMax))
    guard Set(offered) != Set(addresses) else { return }
    if !addresses.allSatisfy(offered.contains) { rename(membership, using: &generator) }
    addresses = offered
    announce(now: now, using: &generator)
  }

  /// Takes other names, as another device or in another space, and announces them. What was said before is taken back by the bytes
  /// that it returns.
  mutating func become(
    _ membership: Membership, now: Duration, using generator: inout some RandomNumberGenerator
  ) -> [[UInt8]] {
    let farewell = goodbye()
    rename(membership, using: &generator)
    announce(now: now, using: &generator)
    return farewell
  }

  private mutating func rename(_ membership: Membership, using generator: inout some RandomNumberGenerator) {
    announcement = Announcement(membership, port: port, using: &generator)
    (answer, lastSaid) = (nil, nil)
  }

  private mutating func announce(now: Duration, using generator: inout some RandomNumberGenerator) {
    announcementsLeft = addresses.isEmpty ? 0 : DiscoveryLimits.announcements
    announcementDue = addresses.isEmpty ? nil : now + .drawn(ofMs: DiscoveryLimits.startMs, using: &generator)
  }

  /// Takes a question, or the rest of what somebody knows who asked before.
  mutating func hear(
    question message: DNSMessage, from source: IPAddress, now: Duration,
    using generator: inout some RandomNumberGenerator
  ) {
    guard !addresses.isEmpty else { return }
    let isKnown = message.answers.contains { isOwnPointer($0, holding: DiscoveryLimits.timeToLive / 2) }
    let asked = message.questions.filter(announcement.answers)
    guard !asked.isEmpty, !(isKnown && asked.allSatisfy { $0.name == .service }) else {
      if isKnown { callOff(by: source) }
      return
    }
    let delay = message.isTruncated ? DiscoveryLimits.longAnswerMs : DiscoveryLimits.answerMs
    let due = now + .drawn(ofMs: delay, using: &generator)
    if answer == nil {
      answer = Answer(due: max(due, lastSaid.map { $0 + DiscoveryLimits.pause } ?? due), askers: [])
    }
    guard let askers = answer?.askers, !askers.contains(source) else { return }
    answer?.askers = askers.count < DiscoveryLimits.askersMax ? askers + [source] : nil
  }

  /// Takes what somebody said. Where it lets what this device announced be forgotten too soon, that is put right (RFC 6762, §6.6).
  mutating func hear(response message: DNSMessage, now: Duration, using generator: inout some RandomNumberGenerator) {
    let spoilt = (message.answers + message.additionals).contains { record in
      isOwnPointer(record) && record.timeToLive < DiscoveryLimits.timeToLive / 2
    }
    guard spoilt, answer == nil, !addresses.isEmpty else { return }
    let due = now + .drawn(ofMs: DiscoveryLimits.answerMs, using: &generator)
    answer = Answer(due: max(due, lastSaid.map { $0 + DiscoveryLimits.pause } ?? due), askers: nil)
  }

  private func isOwnPointer(_ record: DNSRecord, holding timeToLive: UInt32 = 0) -> Bool {
    record.name == .service && record.content == .pointer(announcement.instance) && record.timeToLive >= timeToLive
  }

  /// Somebody who asked knows already.
  private mutating func callOff(by source: IPAddress) {
    guard let askers = answer?.askers, askers.contains(source) else { return }
    answer = askers.count > 1 ? Answer(due: answer?.due ?? .zero, askers: askers.filter { $0 != source }) : nil
  }

  /// What is due to be said now.
  mutating func say(now: Duration) -> [[UInt8]] {
    guard let deadline, deadline <= now else { return [] }
    // An answer says all that an announcement does.
    announcementsLeft = max(announcementsLeft - 1, 0)
    announcementDue = announcementsLeft > 0 ? now + DiscoveryLimits.pause : nil
    answer = nil
    lastSaid = now
    return [announcement.message(at: addresses).bytes]
  }

  /// Takes back what was said; nothing where nothing was.
  func goodbye() -> [[UInt8]] {
    lastSaid == nil ? [] : [announcement.message(at: addresses, holding: 0).bytes]
  }
}
