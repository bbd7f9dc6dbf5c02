//! PNG pictures of pages made small: at most 256 colours, since a page has few.
//!
//! **Limits on purpose:** reads what chromium makes (8 bits a channel, RGB or RGBA without transparency,
//! not interlaced) and nothing else.

use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use std::collections::HashMap;
use std::io::{Read as _, Write as _};

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
const COLOURS_MAX: usize = 256;

type Colour = [u8; 3];

struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<Colour>,
}

/// The same picture with a palette: the commonest colours, and for the others the nearest of them.
pub(crate) fn paletted(png: &[u8]) -> Vec<u8> {
    let picture = read(png);
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    for pixel in &picture.pixels {
        *counts.entry(*pixel).or_default() += 1;
    }
    let mut palette: Vec<(Colour, usize)> = counts.into_iter().collect();
    palette.sort_by_key(|(colour, count)| (std::cmp::Reverse(*count), *colour));
    let palette: Vec<Colour> = palette.into_iter().map(|(colour, _)| colour).take(COLOURS_MAX).collect();
    let mut place: HashMap<Colour, u8> = HashMap::new();
    let mut rows = Vec::with_capacity((picture.width + 1) * picture.height);
    for row in picture.pixels.chunks(picture.width) {
        rows.push(0);
        rows.extend(row.iter().map(|pixel| *place.entry(*pixel).or_insert_with(|| nearest(&palette, *pixel))));
    }
    write(&picture, &palette, &rows)
}

fn nearest(palette: &[Colour], wanted: Colour) -> u8 {
    let far = |colour: &Colour| -> i32 {
        colour.iter().zip(wanted).map(|(one, other)| (i32::from(*one) - i32::from(other)).pow(2)).sum()
    };
    let best = palette.iter().enumerate().min_by_key(|(_, colour)| far(colour));
    u8::try_from(best.map_or(0, |(place, _)| place)).unwrap()
}

fn read(png: &[u8]) -> Picture {
    let mut rest = png.strip_prefix(SIGNATURE).expect("a PNG");
    let (mut header, mut packed) = (Vec::new(), Vec::new());
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap();
        match &after[..4] {
            b"IHDR" => header = after[4..4 + length].to_vec(),
            b"IDAT" => packed.extend_from_slice(&after[4..4 + length]),
            _ => {}
        }
        rest = &after[4 + length + 4..];
    }
    let number = |at: usize| usize::try_from(u32::from_be_bytes(header[at..at + 4].try_into().unwrap())).unwrap();
    let (width, height) = (number(0), number(4));
    let bytes = match header[8..] {
        [8, 2, 0, 0, 0] => 3,
        [8, 6, 0, 0, 0] => 4,
        ref other => panic!("a PNG of another kind: {other:?}"),
    };
    let mut raw = Vec::new();
    ZlibDecoder::new(&packed[..]).read_to_end(&mut raw).unwrap();
    let mut above = vec![0; width * bytes];
    let mut pixels = Vec::with_capacity(width * height);
    for line in raw.chunks(width * bytes + 1) {
        above = unfiltered(line[0], &line[1..], &above, bytes);
        pixels.extend(above.chunks(bytes).map(|pixel| [pixel[0], pixel[1], pixel[2]]));
    }
    Picture { width, height, pixels }
}

/// A row as it was before it was filtered.
fn unfiltered(filter: u8, line: &[u8], above: &[u8], bytes: usize) -> Vec<u8> {
    let mut row: Vec<u8> = Vec::with_capacity(line.len());
    for (at, byte) in line.iter().enumerate() {
        let left = at.checked_sub(bytes).map_or(0, |at| row[at]);
        let corner = at.checked_sub(bytes).map_or(0, |at| above[at]);
        let guess = match filter {
            0 => 0,
            1 => left,
            2 => above[at],
            3 => left.midpoint(above[at]),
            _ => paeth(left, above[at], corner),
        };
        row.push(byte.wrapping_add(guess));
    }
    row
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(above) - i16::from(corner);
    let far = |one: u8| (guess - i16::from(one)).abs();
    if far(left) <= far(above) && far(left) <= far(corner) {
        left
    } else if far(above) <= far(corner) {
        above
    } else {
        corner
    }
}

fn write(picture: &Picture, palette: &[Colour], rows: &[u8]) -> Vec<u8> {
    let size = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let mut png = SIGNATURE.to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(data);
        png.extend(size(data.len()).iter().chain(kind).chain(data).chain(&crc.sum().to_be_bytes()));
    };
    let mut header = [size(picture.width), size(picture.height)].concat();
    header.extend([8, 3, 0, 0, 0]);
    chunk(b"IHDR", &header);
    chunk(b"PLTE", palette.as_flattened());
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(rows).unwrap();
    chunk(b"IDAT", &packed.finish().unwrap());
    chunk(b"IEND", &[]);
    png
}

#[test]
fn a_paletted_picture_is_the_same_picture() {
    // A colour of the palette stays what it is.
    let picture = Picture { width: 16, height: 16, pixels: (0..=255).map(|n: u8| [n / 16, 10, 200]).collect() };
    let palette: Vec<Colour> = (0..16).map(|n| [n, 10, 200]).collect();
    for pixel in &picture.pixels {
        assert_eq!(palette[usize::from(nearest(&palette, *pixel))], *pixel);
    }
    // Filters undo what they did: each row is read the same whichever filter made it.
    let (row, above): ([u8; 6], [u8; 6]) = ([5, 9, 200, 7, 250, 3], [1, 2, 3, 250, 90, 17]);
    for filter in 0..=4 {
        let mut filtered = Vec::new();
        for at in 0..row.len() {
            let (left, corner): (u8, u8) = if at < 3 { (0, 0) } else { (row[at - 3], above[at - 3]) };
            let guess = [0, left, above[at], left.midpoint(above[at]), paeth(left, above[at], corner)][filter];
            filtered.push(row[at].wrapping_sub(guess));
        }
        assert_eq!(unfiltered(u8::try_from(filter).unwrap(), &filtered, &above, 3), row, "filter {filter}");
    }
}
