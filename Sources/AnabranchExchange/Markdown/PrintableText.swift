/// Text made harmless to a terminal and to whoever reads it.
public enum PrintableText {
  /// `text` without what would move a terminal's cursor, change its state or reorder a line, but for the scalars in
  /// `kept`; scalar by scalar. A tab becomes a space, everything else U+FFFD.
  public static func printable(_ text: String, keeping kept: Set<Unicode.Scalar> = []) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isKept = !isControl(scalar) || kept.contains(scalar)
      scalars.append(isKept ? scalar : scalar == "\t" ? " " : "\u{FFFD}")
    }
    return String(scalars)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // Unicode's general category Cc, and what reorders a whole line.
    case 0...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
