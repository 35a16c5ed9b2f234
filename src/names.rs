//! Enums whose variants have names: each variant stands beside its name, once.

/// Declares an enum with `ALL`, every variant in the order of the declaration, and `name()`, the text behind each variant.
macro_rules! named {
    (
        $(#[$of_enum:meta])*
        $visibility:vis enum $Enum:ident {
            $($(#[$of_variant:meta])* $Variant:ident = $name:literal,)+
        }
    ) => {
        $(#[$of_enum])*
        $visibility enum $Enum {
            $($(#[$of_variant])* $Variant,)+
        }

        impl $Enum {
            /// Every variant, in the order in which docs list them.
            $visibility const ALL: [Self; [$($name),+].len()] = [$(Self::$Variant),+];

            /// The name, as configs and tables write it.
            $visibility fn name(self) -> &'static str {
                match self {
                    $(Self::$Variant => $name,)+
                }
            }
        }
    };
}

pub(crate) use named;

#[cfg(test)]
mod tests {
    named! {
        /// An example.
        #[derive(Debug, Clone, Copy, PartialEq)]
        enum Colour {
            /// Some red.
            Red = "red",
            DarkBlue = "dark_blue",
        }
    }

    #[test]
    fn all_holds_every_variant_in_order_and_each_has_its_name() {
        assert_eq!(Colour::ALL, [Colour::Red, Colour::DarkBlue]);
        assert_eq!(Colour::ALL.map(Colour::name), ["red", "dark_blue"]);
    }
}
