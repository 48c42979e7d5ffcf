package cvat_test

const skeletonSVG = `<line x1="20" y1="20" x2="60" y2="60" data-type="edge" data-node-from="1" data-node-to="2"></line>` +
	`<circle r="1.5" cx="20" cy="20" data-type="element node" data-element-id="1" data-node-id="1" data-label-name="head"></circle>` +
	`<circle r="1.5" cx="60" cy="60" data-type="element node" data-element-id="2" data-node-id="2" data-label-name="foot"></circle>`
