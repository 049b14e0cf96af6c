console.log('vigil')
