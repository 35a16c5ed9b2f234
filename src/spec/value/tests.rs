//! Values of keys: what is read, what is refused, and how a value is shown.

use super::*;

fn value(text: &str) -> Value {
    toml::from_str::<toml::Table>(&format!("x = {text}")).expect("valid TOML")["x"].clone()
}

fn names_read_back<E>()
where
    Name<E>: ValueKind,
{
    for name in Name::<E>::names() {
        let parsed = Name::<E>::parse(&value(&format!("\"{name}\""))).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(Name::<E>::show(&parsed), Shown::Text(name.into()));
    }
}

#[test]
fn every_name_reads_back_as_itself() {
    names_read_back::<Activation>();
    names_read_back::<Init>();
    names_read_back::<KeptWeights>();
    names_read_back::<ModelKind>();
    names_read_back::<OptimizerKind>();
    names_read_back::<Precision>();
    names_read_back::<ResidualScaling>();
    names_read_back::<DataSource>();
    names_read_back::<TargetKind>();
}

#[test]
fn aliases_are_read_and_the_canonical_name_is_written() {
    for (alias, canonical) in
        [("he", "he_normal"), ("kaiming", "he_normal"), ("xavier", "xavier_normal"), ("glorot", "xavier_normal")]
    {
        let init = Name::<Init>::parse(&value(&format!("\"{alias}\""))).expect(alias);
        assert_eq!(init.name(), canonical);
        assert!(init.origin().aliases.contains(&alias));
    }
    for phi in Activation::ALL {
        for alias in phi.aliases() {
            assert_eq!(Name::<Activation>::parse(&value(&format!("\"{alias}\""))), Some(phi));
        }
    }
    assert_eq!(Name::<Activation>::parse(&value("\"swish\"")), Some(Activation::Silu));
    for init in Init::ALL {
        for alias in init.origin().aliases {
            assert_eq!(Name::<Init>::parse(&value(&format!("\"{alias}\""))), Some(init));
        }
    }
}

#[test]
fn the_cells_of_a_key_are_of_one_kind_and_no_text_reads_as_a_number() {
    fn cell<K: ValueKind>(text: &str) -> String {
        format!("{:?}", K::cell(&K::parse(&value(text)).expect(text), &RunSpec::default()))
    }
    assert_eq!([cell::<Batch>("16"), cell::<Batch>("\"full\"")], ["Int(16)", "Int(1437)"]);
    assert_eq!(
        [cell::<TracedSteps>("5"), cell::<TracedSteps>("\"log\""), cell::<TracedSteps>("[0]")],
        ["Text(\"every-5\")", "Text(\"log\")", "Text(\"step-0\")"]
    );
    assert_eq!([cell::<Widths>("[64]"), cell::<Widths>("[64, 8]")], ["Text(\"[64]\")", "Text(\"64-8\")"]);
    for other in ["7", "1e5", "NaN", "-inf", "True", "t", "no", "NA", "#N/A", "<NA>", "None", "2020-01-01", "10:30"] {
        assert_eq!(always_text(other), Shown::Text(format!("\"{other}\"")));
    }
    assert_eq!(cell::<Path>("\"nan\""), "Text(\"\\\"nan\\\"\")");
    assert_eq!(Path::cell(&None, &RunSpec::default()), Shown::Text("none".into()));
    assert_eq!([cell::<LabelColumn>("\"y\""), cell::<LabelColumn>("\"n/t 2\"")], ["Text(\"y\")", "Text(\"n/t 2\")"]);
    assert_eq!(Widths::cell(&[].into(), &RunSpec::default()), Shown::Text("none".into()));
}

#[test]
fn values_outside_their_bounds_are_refused() {
    assert!(Count::<1>::parse(&value("0")).is_none());
    assert!(Count::<1>::parse(&value("1.0")).is_none());
    assert!(Positive::parse(&value("-0.1")).is_none());
    assert!(Positive::parse(&value("nan")).is_none());
    assert!(NonNegative::parse(&value("inf")).is_none());
    assert!(Decay::parse(&value("1")).is_none());
    assert!(Seed::parse(&value("-1")).is_none());
    assert!(Widths::parse(&value("[]")).is_none());
    assert!(Flag::parse(&value("1")).is_none());
    assert_eq!(Positive::parse(&value("1")), Some(1.0));
    for formula in ["=a", "+a", "-a", "@a", " =a", "a\\nb", "\\t@a", ""] {
        assert!(Path::parse(&value(&format!("\"{formula}\""))).is_none(), "{formula}");
        assert!(LabelColumn::parse(&value(&format!("\"{formula}\""))).is_none(), "{formula}");
    }
    assert!(Path::parse(&value("\"./-a/ä b.csv\"")).is_some() && Path::parse(&value("3")).is_none());
    assert!(LabelColumn::parse(&value("0")).is_none() && HasHeader::parse(&value("\"true\"")).is_none());
}
