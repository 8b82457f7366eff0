internal import AnabranchCore
public import AnabranchStore

/// What lies in the trash, and until when.
public struct TrashStatus: Hashable, Sendable {
  /// The conversation, and when it was put there.
  public var record: TrashedConversation
  /// Its title; nil where nobody gave one.
  public var title: String?
  /// When it goes for good at the earliest, milliseconds since 1970; nil where nothing goes by itself.
  public var expires: Int64?
}

/// What became of conversations whose time in the trash is over.
public struct TrashExpiry: Hashable, Sendable {
  /// Those that this device tells of for the first time: they go no sooner than a day later.
  public var announced: [TrashStatus] = []
  /// Those that were purged now.
  public var purged: [TrashStatus] = []

  /// Nothing became of any.
  public init() {}
}

extension Replica {
  /// The setting, shared by all devices, that says for how many days a conversation lies in the trash before it is
  /// purged. Where it is not set, or no number of 1 or more, nothing ever goes by itself.
  public static let trashDaysSetting = "trash.days"

  /// What lies in the trash, what was put there first before the rest, and until when.
  public func trash() throws(AnabranchError) -> [TrashStatus] {
    let period = try trashPeriod()
    return try withStore { (store) throws(StoreError) in
      try store.consistently { () throws(StoreError) in
        var all: [TrashStatus] = []
        for record in try store.trash() {
          let ends = period.flatMap { Self.sum(record.deleted, $0) }
          let announcedDay = record.announced.flatMap { Self.sum($0, Self.dayMs) }
          all.append(
            TrashStatus(
              record: record, title: try store.summary(of: record.id)?.title,
              expires: ends.map { max($0, announcedDay ?? $0) }))
        }
        return all
      }
    }
  }

  /// Purges what has lain in the trash for as long as is set, and tells of what will go next.
  ///
  /// Nothing goes unannounced: first this device tells of it once, and a day later it goes, if it lies there still.
  /// The bytes follow after the grace of every purge. A running server does this by itself.
  @discardableResult
  public func expireTrash() throws(AnabranchError) -> TrashExpiry {
    _ = try deviceKey()
    let now = surroundings.wall()
    var expiry = TrashExpiry()
    guard let period = try trashPeriod() else {
      // Set again later, all is to be announced anew.
      try announce([], at: now)
      return expiry
    }
    let over = try trash().filter { status in Self.sum(status.record.deleted, period).map { $0 <= now } ?? false }
    for status in over {
      guard let announced = status.record.announced else {
        expiry.announced.append(status)
        continue
      }
      guard let day = Self.sum(announced, Self.dayMs), day <= now else { continue }
      try purge(status.record.id)
      expiry.purged.append(status)
    }
    try announce(over.filter { !expiry.purged.contains($0) }.map(\.record.id), at: now)
    return expiry
  }

  /// Notes that somebody was told of these and no others; nothing is written where that is noted.
  private func announce(_ conversations: [ObjectID], at time: Int64) throws(AnabranchError) {
    try withStore { (store) throws(StoreError) in
      guard try store.announcedExpiries() != Set(conversations) else { return }
      try store.announceExpiry(of: conversations, at: time)
    }
  }

  private static let dayMs: Int64 = 24 * 60 * 60 * 1000

  /// For how long something lies in the trash, in milliseconds; nil for ever.
  private func trashPeriod() throws(AnabranchError) -> Int64? {
    guard let days = try settings().first(where: { $0.name == Self.trashDaysSetting }).flatMap({ Int64($0.value) }),
      days > 0
    else { return nil }
    let (period, overflow) = days.multipliedReportingOverflow(by: Self.dayMs)
    return overflow ? nil : period
  }

  private static func sum(_ a: Int64, _ b: Int64) -> Int64? {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : sum
  }
}
