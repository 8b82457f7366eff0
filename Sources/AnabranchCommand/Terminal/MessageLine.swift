internal import Anabranch

extension MessageRecord {
  /// A message in one line of at most `columns`: its identifier, when and by whom it was written, and what it says.
  func line(_ style: Style, columns: Int) -> String {
    let words = content == nil ? isPurged ? "(purged)" : "(not on this device)" : "“\(text)”"
    var row = FieldRow([
      .init(text: id.short, paint: style.yellow),
      .init(text: style.isNarrow ? "" : Moment.short(created), paint: style.dim),
      .init(text: TextWidth.pad(role.name, 9), paint: style.bold),
      .init(text: words.split(whereSeparator: \.isNewline).joined(separator: " ")),
    ])
    row.fit(columns, cutting: [(3, 8), (2, 4)])
    return row.text
  }
}
