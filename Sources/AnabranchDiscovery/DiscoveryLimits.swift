/// Every number of the discovery on a local network, in one place. Times are those of RFC 6762 unless it says otherwise.
public enum DiscoveryLimits {
  // MARK: Messages

  /// Bytes of a message, the headers of IP and UDP apart (RFC 6762, §17).
  public static let messageBytesMax = 9_000
  /// Questions and records of a message: more than fit into a frame of Ethernet.
  public static let entriesMax = 256
  /// Bytes of a name, the lengths of its labels and the end included (RFC 1035, §2.3.4).
  public static let nameBytesMax = 255
  /// Bytes of a label (RFC 1035, §2.3.4).
  public static let labelBytesMax = 63
  /// Pointers that are followed within one name. Whoever compresses a name needs one, or a few.
  public static let pointersMax = 16
  /// Messages that an interface takes within a second, whatever they say; more are dropped.
  public static let messagesPerSecondMax = 200

  // MARK: What is kept

  /// Services of a message that are looked at; each announcement has one.
  public static let servicesPerMessageMax = 8
  /// Services that are kept of one device: it may have several interfaces on this network, and new names meanwhile.
  public static let servicesPerDeviceMax = 4
  /// Services that are kept, of all devices.
  public static let servicesMax = 64
  /// Addresses of a service that are kept, and that are announced.
  public static let addressesMax = 8
  /// Names of services that are remembered, whosever they are, so as not to ask for them again: as many as fit into a frame.
  public static let knownAnswersMax = 16
  /// Who waits for an answer, as far as that is remembered: one more, and nobody can call it off.
  public static let askersMax = 8

  // MARK: Times

  /// How long what is announced holds, in seconds. All of it for as long as an address (§10), so that a name that is given
  /// up is forgotten soon.
  public static let timeToLive: UInt32 = 120
  /// The longest that is believed of another device, in seconds (§10).
  public static let timeToLiveMax: UInt32 = 4_500
  /// Before the first word of a device that has just come, so that not all speak at once when the power comes back (§8.1).
  public static let startMs: ClosedRange<UInt64> = 0...250
  /// Before an answer, since others may answer too (§6).
  public static let answerMs: ClosedRange<UInt64> = 20...120
  /// Before an answer to somebody who has more to say of what is known (§7.2).
  public static let longAnswerMs: ClosedRange<UInt64> = 400...500
  /// Between two times that the same is said (§6), and between the two announcements (§8.3).
  public static let pause: Duration = .seconds(1)
  /// How often is announced what is new (§8.3).
  public static let announcements = 2
  /// The longest time between two questions; it doubles from ``pause`` on (§5.2).
  public static let questionIntervalMax: Duration = .seconds(3_600)
  /// When it is asked again for what is about to be forgotten, in hundredths of how long it holds (§5.2).
  public static let refreshes: [Int] = [80, 85, 90, 95]
  /// How long what was taken back is still believed, for somebody else to object (§10.1).
  public static let goodbye: Duration = .seconds(1)
}
