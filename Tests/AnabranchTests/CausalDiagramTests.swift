import Anabranch
import Foundation
import Testing

@Suite struct CausalDiagramTests {
  private static func log(_ number: UInt64) -> LogID { LogID(Bytes16(high: number, low: 0)) }

  /// Two devices that each did something to what the first began, and a change that has seen both.
  private static var diamond: CausalDiagram {
    let (a, b) = (log(1), log(2))
    let changes = [ChangeID(log: a, sequence: 1), ChangeID(log: a, sequence: 2), ChangeID(log: b, sequence: 1)]
    var diagram = CausalDiagram()
    diagram.add(changes[0], buildingOn: [ChangeID(log: b, sequence: 9)], in: "laptop", label: "began “A & B”")
    diagram.add(changes[1], buildingOn: [changes[0]], in: "laptop", label: "said “<b>”")
    diagram.add(changes[2], buildingOn: [changes[0]], in: "my \"phone\" \u{7}", label: "back\\slash\u{1}")
    diagram.add(ChangeID(log: a, sequence: 3), buildingOn: [changes[1], changes[2]], in: "laptop", label: "merged")
    return diagram
  }

  @Test func whatIsNotThereIsNoParent() {
    let diagram = Self.diamond
    #expect(diagram.lanes.map(\.name) == ["laptop", "my \"phone\" \u{7}"])
    #expect(diagram.points.map(\.lane) == [0, 0, 1, 0])
    #expect(diagram.points.map(\.parents) == [[], [0], [0], [1, 2]])
  }

  @Test func svgIsWellFormedAndHasAllThereIs() {
    for diagram in [Self.diamond, CausalDiagram()] {
      let svg = diagram.svg()
      // No text of anybody's is markup, so that all there is in angle brackets is ours, and closed in its order.
      var open: [Substring] = []
      for tag in svg.matches(of: /<(\/?)([a-z]+)[^<>]*?(\/?)>/) {
        if tag.output.1.isEmpty {
          if tag.output.3.isEmpty { open.append(tag.output.2) }
        } else {
          #expect(open.popLast() == tag.output.2)
        }
      }
      #expect(open.isEmpty)
      #expect(svg.matches(of: /&/).count == svg.matches(of: /&(amp|lt|gt|quot);/).count)
      #expect(!svg.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
      #expect(svg.matches(of: /<circle\b/).count == diagram.points.count)
      #expect(svg.matches(of: /<path\b/).count == diagram.points.reduce(0) { $0 + $1.parents.count })
      #expect(svg.matches(of: /<text\b/).count == diagram.lanes.count)
    }
    let svg = Self.diamond.svg()
    for label in ["began “A &amp; B”", "said “&lt;b&gt;”", "my &quot;phone&quot;", "back\\slash ", "merged"] {
      #expect(svg.contains(label), "\(label)")
    }
  }

  @Test func dotNamesEachChangeInItsLane() {
    #expect(
      Self.diamond.dot() == """
        digraph history {
          rankdir=LR; node [shape=box, style=rounded, fontname="sans-serif", fontsize=10];
          subgraph cluster_0 {
            label="laptop 00000000"; color=gray;
            c0 [label="1", tooltip="began “A & B”"];
            c1 [label="2", tooltip="said “<b>”"];
            c3 [label="3", tooltip="merged"];
          }
          subgraph cluster_1 {
            label="my \\"phone\\"   00000000"; color=gray;
            c2 [label="1", tooltip="back\\\\slash "];
          }
          c0 -> c1;
          c0 -> c2;
          c1 -> c3;
          c2 -> c3;
        }

        """)
  }
}
