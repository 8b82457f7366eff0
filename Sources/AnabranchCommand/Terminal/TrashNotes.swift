internal import Anabranch

/// What people are told of conversations that go from the trash by themselves.
enum TrashNotes {
  /// A line each.
  static func lines(_ expiry: TrashExpiry) -> [String] {
    expiry.announced.map { status in
      "\(name(status)) goes from the trash for good in a day; `anabranch restore \(status.record.id.short)` keeps it"
    } + expiry.purged.map { status in "\(name(status)) went from the trash for good" }
  }

  private static func name(_ status: TrashStatus) -> String {
    "“\(TextWidth.fit(status.title ?? "(no title)", 40))”"
  }
}
