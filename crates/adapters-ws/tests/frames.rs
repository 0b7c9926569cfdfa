//! Whatever a client sends is a frame of the protocol or is answered with an error of bounded length.

use adapters_ws::socket::MAX_FRAME;
use proptest::prelude::*;
use protocol::frame::{ClientFrame, ServerFrame};

/// More than any answer to a bad frame may have, in bytes: details are cut off, and each character takes 6 bytes at most.
const LONGEST_ANSWER: usize = 2048;

fn answer(text: &str) -> Option<String> {
    let detail = ClientFrame::parse(text).err()?;
    Some(ServerFrame::Error { code: protocol::code::ErrorCode::BadRequest, detail: &detail }.text())
}

#[test]
fn the_corpus_of_frames_is_judged_as_it_says() {
    let lines = include_str!("corpus/frames.txt").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let (sign, text) = line.split_at(1);
        assert_eq!(answer(text).is_none(), sign == "+", "{text}");
    }
}

#[test]
fn what_a_client_said_is_not_said_back_at_length() {
    let long = "\\u0001".repeat(MAX_FRAME / 6 - 20);
    for text in [format!("{{\"type\":\"{long}\"}}"), format!("{{\"type\":\"authenticate\",\"roomId\":\"{long}\"}}")] {
        let answer = answer(&text).expect("no frame");
        assert!(text.len() <= MAX_FRAME && answer.len() <= LONGEST_ANSWER, "{} bytes", answer.len());
    }
}

/// Good frames with a value or a part of their text replaced, and anything else.
fn text() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("\"heartbeat\"".to_owned()),
        any::<f64>().prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<String>().prop_map(|text| serde_json::Value::String(text).to_string()),
        (0usize..3000).prop_map(|depth| "[".repeat(depth)),
        "[\"\\\\\\[\\]{}:,a-z0-9]{0,80}",
    ];
    let uuid = || Just("\"00000000-0000-0000-0000-000000000000\"".to_owned());
    let kind = prop_oneof![Just("\"authenticate\"".to_owned()), Just("\"heartbeat\"".to_owned()), value.clone()];
    let room = prop_oneof![uuid(), value.clone()];
    let seq = prop_oneof![any::<u64>().prop_map(|seq| seq.to_string()), value.clone()];
    let frame = (kind, room, seq, value.clone()).prop_map(|(kind, room, seq, token)| {
        format!("{{\"type\":{kind},\"roomId\":{room},\"lastSeq\":{seq},\"token\":{token},\"more\":{token}}}")
    });
    let broken = (frame.clone(), any::<prop::sample::Index>(), any::<char>()).prop_map(|(text, at, put)| {
        let at = at.index(text.chars().count());
        text.chars().enumerate().map(|(index, old)| if index == at { put } else { old }).collect()
    });
    prop_oneof![any::<String>(), value, frame, broken]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_frame_or_gets_a_bounded_answer(text in text()) {
        let Some(answer) = answer(&text) else {
            // What is taken for a frame is one by the letter too.
            let value: serde_json::Value = serde_json::from_str(&text).expect("a frame is JSON");
            let kind = &value["type"];
            let is_frame = kind == "heartbeat" || (kind == "authenticate" && value["roomId"].is_string());
            prop_assert!(is_frame, "{}", text);
            return Ok(());
        };
        prop_assert!(answer.len() <= LONGEST_ANSWER, "{} bytes", answer.len());
        let value: serde_json::Value = serde_json::from_str(&answer).expect("an answer is JSON");
        prop_assert_eq!((&value["type"], &value["code"]), (&"error".into(), &"BAD_REQUEST".into()));
    }
}
