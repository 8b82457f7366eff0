internal import CQREncode

/// A text as a picture that a camera reads (ISO/IEC 18004), drawn with half blocks.
enum QRCode {
  /// Modules left free around it, as the standard wants.
  private static let margin = 4

  /// The lines of the picture: dark on light, whatever the terminal's colours. Nil where it needs more than `columns`, or the
  /// text is too long.
  static func lines(of text: String, columns: Int) -> [String]? {
    guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L) else { return nil }
    defer { QRcode_free(code) }
    let width = Int(code.pointee.width)
    let size = width + 2 * margin
    guard let data = code.pointee.data, size <= columns else { return nil }
    func isDark(_ row: Int, _ column: Int) -> Bool {
      let (row, column) = (row - margin, column - margin)
      guard (0..<width).contains(row), (0..<width).contains(column) else { return false }
      return data[row * width + column] & 1 == 1
    }
    return stride(from: 0, to: size, by: 2).map { row in
      let cells = (0..<size).map { column in
        switch (isDark(row, column), isDark(row + 1, column)) {
        case (true, true): "█"
        case (true, false): "▀"
        case (false, true): "▄"
        case (false, false): " "
        }
      }
      return "\u{1b}[30;107m" + cells.joined() + "\u{1b}[0m"
    }
  }
}
