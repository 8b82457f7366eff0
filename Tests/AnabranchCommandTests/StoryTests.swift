import Testing

/// What `inspect` says about the merges of the stories that people know, to somebody who hears them for the first time.
@Suite(.timeLimit(.minutes(5))) struct StoryTests {
  /// One deleted what the other one went on with, and called something else.
  @Test func twoPhonesOnAPlane() async throws {
    let story = try Workplace().story("two-phones-on-a-plane", of: "home")
    #expect(
      try await story.told("inspect", "why", story.conversation(), "trash") == """
        aaaaaaaa does not lie in the trash.

        ✓  bbbbbbbb  2023-11-15 03:14  hers          renamed “Trip” to “Summer”
            It keeps it out of the trash: whoever deleted it had not seen this.
            It builds on change 2 of hers, change 5 of home.

        ·  cccccccc  2023-11-15 03:14  his           deleted it
            It hides only what its writer had seen, and that was not bbbbbbbb on hers.
            It builds on change 1 of hers, change 3 of his, change 5 of home.

        ·  dddddddd  2023-11-15 03:14  his           said “it will be warm”
            Whoever deleted it by cccccccc on his had seen it.
            It builds on change 2 of his, change 5 of home.

        ·  eeeeeeee  2023-11-14 22:13  home          said “where do we go?”
            Whoever deleted it by cccccccc on his had seen it.
            It builds on change 4 of home.

        """)
    #expect(
      try await story.told("inspect", "why", story.conversation(), "title") == """
        The title of aaaaaaaa is “Summer”.

        ✓  bbbbbbbb  2023-11-15 03:14  hers          wrote “Summer”
            It shows: nothing that counts replaced it.
            It builds on change 2 of hers, change 5 of home.

        ·  aaaaaaaa  2023-11-14 22:13  home          wrote “Trip”
            Replaced by bbbbbbbb on hers, whose writer had seen it.
            It builds on change 1 of hers, change 1 of his, change 3 of home.

        """)
    #expect(
      try await story.told("inspect", "diverged") == """
        aaaaaaaa  Summer
        All had
        │ bbbbbbbb  2023-11-14 22:12  user       “where do we go?”
        ├─his, 2 messages since
        │   cccccccc  2023-11-14 22:13  user       “to the sea”
        │   dddddddd  2023-11-15 03:14  user       “it will be warm”
        ╰─hers, 1 message since
            eeeeeeee  2023-11-14 22:14  user       “to the mountains”
        It reads in this order. What a person says next follows all of them.

        """)
    #expect(
      try await story.told("inspect", "why", story.message("to the mountains"), "place") == """
        aaaaaaaa is read as message 4 of 4 in “Summer”.

        It follows the message that its writer was shown last:
            bbbbbbbb  2023-11-14 22:12  user       “where do we go?”

        Beside it, since neither follows from the other:

        ↑ before it: 2 messages, his
            cccccccc  2023-11-14 22:13  user       “to the sea”
            cccccccc was written first, at 2023-11-14T22:13:04.101Z, and aaaaaaaa at
            2023-11-14T22:14:41.271Z, by their writers' clocks: the earlier one goes
            first, with what goes on from it.

        """)
  }

  /// What the laptop wrote after its last backup came back from the phone, beside what it wrote since.
  @Test func restoredBackup() async throws {
    let story = try Workplace().story("restored-backup", of: "phone")
    #expect(
      try await story.told("inspect", "diverged") == """
        aaaaaaaa  Diary
        All had
        │ bbbbbbbb  2023-11-14 22:13  user       “monday”
        ├─laptop, 1 message since
        │   cccccccc  2023-11-15 22:13  user       “tuesday”
        ╰─laptop, 1 message since
            dddddddd  2023-11-15 22:13  user       “another tuesday”
        It reads in this order. What a person says next follows all of them.
        laptop writes several logs: it was set back, copied or repaired in the meantime.

        """)
    #expect(
      try await story.told("inspect", "why", story.message("another tuesday"), "place") == """
        aaaaaaaa is read as message 3 of 3 in “Diary”.

        It follows the message that its writer was shown last:
            bbbbbbbb  2023-11-14 22:13  user       “monday”

        Beside it, since neither follows from the other:

        ↑ before it: 1 message, laptop
            cccccccc  2023-11-15 22:13  user       “tuesday”
            cccccccc was written first, at 2023-11-15T22:13:04.093Z, and aaaaaaaa at
            2023-11-15T22:13:09.109Z, by their writers' clocks: the earlier one goes
            first, with what goes on from it.

        """)
    #expect(
      try await story.told("inspect", "vector") == """
        laptop            aaaaaaaa  2 changes      bbbbbbbb  2023-11-15 22:13
        phone             cccccccc  3 changes      dddddddd  2023-11-15 22:13
        laptop            eeeeeeee  4 changes      ffffffff  2023-11-15 22:13

        """)
  }

  /// Two machines with one key wrote under one number.
  @Test func clonedLaptop() async throws {
    let story = try Workplace().story("cloned-laptop", of: "phone")
    #expect(
      try await story.told("inspect", "diverged") == """
        aaaaaaaa  Notes
        All had
        │ bbbbbbbb  2023-11-14 22:14  user       “from its twin”
        ├─laptop, 1 message since
        │   cccccccc  2023-11-14 22:17  user       “on the laptop”
        ╰─laptop, 1 message since
            dddddddd  2023-11-14 22:18  user       “on its twin”
        It reads in this order. What a person says next follows all of them.
        laptop writes several logs: it was set back, copied or repaired in the meantime.

        """)
    #expect(
      try await story.told("inspect", "why", story.message("from its twin"), "place") == """
        aaaaaaaa is read as message 2 of 4 in “Notes”.

        It follows nothing: it is a beginning.

        Beside it, since neither follows from the other:

        ↑ before it: 1 message, laptop
            bbbbbbbb  2023-11-14 22:13  user       “from the laptop”
            bbbbbbbb was written first, at 2023-11-14T22:13:34.088Z, and aaaaaaaa at
            2023-11-14T22:14:11.258Z, by their writers' clocks: the earlier one goes
            first, with what goes on from it.

        """)
    #expect(
      try await story.told("inspect", "vector") == """
        phone             aaaaaaaa  3 changes      bbbbbbbb  2023-11-14 22:12
        laptop            cccccccc  1 change       dddddddd  2023-11-14 22:14
            a branch: it begins with change 3 of eeeeeeee of laptop, which forked
        twin              ffffffff  1 change       gggggggg  2023-11-14 22:13
        laptop            hhhhhhhh  1 change       iiiiiiii  2023-11-14 22:17
        laptop            eeeeeeee  2 changes      jjjjjjjj  2023-11-14 22:13
        laptop            kkkkkkkk  1 change       llllllll  2023-11-14 22:13
            a branch: it begins with change 3 of eeeeeeee of laptop, which forked
        laptop            mmmmmmmm  1 change       nnnnnnnn  2023-11-14 22:18

        """)
  }

  /// Who had seen a title replaced it, though by the clocks it is seventy years younger.
  @Test func clockFrom2099() async throws {
    let story = try Workplace().story("clock-from-2099", of: "laptop")
    #expect(
      try await story.told("inspect", "why", story.conversation(), "title") == """
        The title of aaaaaaaa is “Plan”.

        ✓  bbbbbbbb  2023-11-14 22:13  laptop        wrote “Plan”
            It shows: nothing that counts replaced it.
            It builds on change 3 of laptop, change 3 of tablet.

        ·  cccccccc  2099-12-03 16:53  tablet        wrote “Plan of 2099”
            Replaced by bbbbbbbb on laptop, whose writer had seen it. That counts, and
            not that by its clock this one is the later.
            It builds on change 3 of laptop, change 1 of tablet.

        ·  aaaaaaaa  2023-11-14 22:13  laptop        wrote “Plan”
            Replaced by bbbbbbbb on laptop, whose writer had seen it.
            It builds on change 2 of laptop, change 1 of tablet.

        """)
    #expect(
      try await story.told("inspect", "why", story.message("back in time"), "place") == """
        aaaaaaaa is read as message 2 of 2 in “Plan”.

        It follows the message that its writer was shown last:
            bbbbbbbb  2099-12-03 16:53  user       “hello from the future”
        Nothing else follows that, so it is read right after it.

        Nothing stands beside it: all others lead to it, or follow from it.

        """)
  }

  /// What was imported in two goes was imported once.
  @Test func diskFullInMidImport() async throws {
    let story = try Workplace().story("disk-full-in-mid-import", of: "phone")
    #expect(
      try await story.told("inspect", "why", story.first().id, "title") == """
        The title of aaaaaaaa is “why, version 4”.

        ✓  bbbbbbbb  2023-11-14 22:13  laptop        imported “why, version 4”
            It shows: nobody has written another one here.
            It builds on change 1 of laptop, change 2 of phone.

        """)
    #expect(
      try await story.told("inspect", "why", story.first().message) == """
        The message aaaaaaaa shows.

        ✓  bbbbbbbb  2023-11-14 22:13  laptop        imported “مرحبا שלום the anabranch…
            It counts: nobody took it back.
            It builds on change 1 of laptop, change 2 of phone.

        """)
  }

  /// Words from a year ago keep the conversation out of the trash, and are read where they belong.
  @Test func offForAYear() async throws {
    let story = try Workplace().story("off-for-a-year", of: "laptop")
    #expect(
      try await story.told("inspect", "why", story.conversation(), "trash") == """
        aaaaaaaa does not lie in the trash.

        ✓  bbbbbbbb  2024-10-10 09:24  laptop        renamed “Shared, month 11” to “Sha…
            It keeps it out of the trash: it came after the deletion.
            It builds on change 19 of laptop.

        ✓  cccccccc  2024-09-10 08:23  phone         said “month 11”
            It keeps it out of the trash: it came after the deletion.
            It builds on change 17 of laptop, change 9 of phone.

        ✓  dddddddd  2023-11-14 22:13  old           said “before the drawer”
            It keeps it out of the trash: whoever deleted it had not seen this.
            It builds on change 2 of laptop, change 1 of old.

        ·  eeeeeeee  2024-04-13 03:18  phone         deleted it
            It hides what was done before it, and bbbbbbbb on laptop came after it.
            It builds on change 9 of laptop, change 1 of old, change 6 of phone.

        """)
    #expect(
      try await story.told("inspect", "why", story.message("before the drawer"), "place") == """
        aaaaaaaa is read as message 13 of 13 in “Shared, month 12”.

        It follows nothing: it is a beginning.

        Beside it, since neither follows from the other:

        ↑ before it: 12 messages, phone and laptop
            bbbbbbbb  2023-11-14 22:13  user       “month 1”
            bbbbbbbb was written first, at 2023-11-14T22:13:00.013Z, and aaaaaaaa at
            2023-11-14T22:13:04.098Z, by their writers' clocks: the earlier one goes
            first, with what goes on from it.

        """)
  }

  /// An answer came in pieces, of which none is lost and none is there twice.
  @Test func answerThatStreams() async throws {
    let story = try Workplace().story("answer-that-streams", of: "phone")
    #expect(
      try await story.told("inspect", "why", story.first().message) == """
        The message aaaaaaaa shows.

        ✓  aaaaaaaa  2023-11-14 22:13  laptop        began it
            It counts: nobody took it back.
            It builds on change 2 of laptop.

        """)
    #expect(
      try await story.told("inspect", "blame", story.first().message) == """
        laptop 2023-11-14 22:13
          word1 word2 word3 word4 word5 word6 word7 word8 word9 word10
        laptop 2023-11-14 22:13
          word11
        laptop 2023-11-14 22:13
          word12 word13 word14 word15 word16 word17 word18 word19 word20 word21
        laptop 2023-11-14 22:13
          word22
        laptop 2023-11-14 22:13
          word23 word24 word25 word26 word27 word28 word29 word30 word31 word32
        laptop 2023-11-14 22:13
          word33
        laptop 2023-11-14 22:13
          word34 word35 word36 word37 word38 word39 word40 word41 word42 word43
        laptop 2023-11-14 22:13
          word44
        laptop 2023-11-14 22:13
          word45 word46 word47 word48 word49 word50 word51 word52 word53 word54
        laptop 2023-11-14 22:13
          word55
        laptop 2023-11-14 22:13
          word56 word57

        """)
  }

  /// What `anabranch demo` shows. Its times are those of the run, and are left out.
  @Test func demo() async throws {
    let (story, id) = try await Workplace().demo()
    #expect(
      try await story.toldWithoutTimes("inspect", "why", id, "title") == """
        The title of aaaaaaaa is “Lisbon in the rain”.

        ✓  bbbbbbbb  <minute>  Phone         wrote “Lisbon in the rain”
            It shows: of several that nothing replaced, this one wins; see below.
            It builds on change 3 of Phone.

        ·  cccccccc  <minute>  Laptop        wrote “Lisbon by tram”
            Its writer and that of bbbbbbbb on Phone had not seen each other's. The
            later one shows: <time> is after <time>.
            It builds on change 6 of Laptop.

        ·  dddddddd  <minute>  Laptop        imported “Three days in Lisbon”
            What people write themselves, as bbbbbbbb on Phone, goes before what an
            import says.
            It builds on change 1 of Desktop, change 3 of Laptop.

        Several values stand. Whoever writes one now, having seen them all, replaces
        them.

        """)
    #expect(
      try await story.toldWithoutTimes("inspect", "why", id, "trash") == """
        aaaaaaaa does not lie in the trash.

        ✓  bbbbbbbb  <minute>  Phone         tagged it “travel”
            It keeps it out of the trash: whoever deleted it had not seen this.
            It builds on change 4 of Phone.

        ✓  cccccccc  <minute>  Laptop        named it “Lisbon by tram”
            It keeps it out of the trash: whoever deleted it had not seen this.
            It builds on change 6 of Laptop.

        ·  dddddddd  <minute>  Desktop       deleted it
            It hides only what its writer had seen, and that was not bbbbbbbb on Phone.
            It builds on change 1 of Desktop, change 4 of Laptop, change 1 of Phone.

        """)
    #expect(
      try await story.toldWithoutTimes("inspect", "why", id, "tag:travel") == """
        aaaaaaaa has the tag “travel”.

        ✓  bbbbbbbb  <minute>  Phone         added it
            It counts: no removal that counts had seen it.
            It builds on change 4 of Phone.

        """)
    #expect(
      try await story.toldWithoutTimes("inspect", "diverged") == """
        aaaaaaaa  Lisbon in the rain
        All had
        │ bbbbbbbb  <minute>  assistant  “Bacalhau à Brás, late, where the neig…
        ├─Laptop, 2 messages since
        │   cccccccc  <minute>  user       “Which tram goes up to Graça?”
        │   dddddddd  <minute>  assistant  “The 28, early, before the queues.”
        ╰─Phone, 2 messages since
            eeeeeeee  <minute>  user       “Is October rainy there?”
            ffffffff  <minute>  assistant  “Some showers. Bring a light jacket.”
        It reads in this order. What a person says next follows all of them.

        """)
  }
}
